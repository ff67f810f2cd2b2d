#include "arc_statistics.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <exception>
#include <limits>
#include <stdexcept>

namespace {

namespace math = boost::math;

// In doubles throughout: Boost's default, long doubles, is several times as slow, and gains nothing that shows.
using plain = math::policies::policy<math::policies::promote_double<false>>;
using beta_distribution = math::beta_distribution<double, plain>;
using students_t = math::students_t_distribution<double, plain>;
using noncentral_t = math::non_central_t_distribution<double, plain>;

void report(arc_statistics_code *code, arc_statistics_code reason) noexcept {
    if (code != nullptr) *code = reason;
}

// The only place where an exception of Boost's ends. An infinite answer is reported as an overflow whether Boost
// throws for it or returns it: no caller can print an infinity as a bound.
template <typename Compute>
double guarded(arc_statistics_code *code, Compute compute) noexcept {
    arc_statistics_code reason = ARC_STATISTICS_EVALUATION;
    try {
        const double answer = compute();
        if (std::isfinite(answer)) {
            report(code, ARC_STATISTICS_OK);
            return answer;
        }
        reason = std::isnan(answer) ? ARC_STATISTICS_DOMAIN : ARC_STATISTICS_OVERFLOW;
    } catch (const std::domain_error &) {
        reason = ARC_STATISTICS_DOMAIN;
    } catch (const std::overflow_error &) {
        reason = ARC_STATISTICS_OVERFLOW;
    } catch (...) {
        reason = ARC_STATISTICS_EVALUATION;
    }
    report(code, reason);
    return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

double arc_normal_cdf(double x, arc_statistics_code *code) {
    return guarded(code, [=] { return math::cdf(math::normal(), x); });
}

double arc_normal_survival(double x, arc_statistics_code *code) {
    return guarded(code, [=] { return math::cdf(math::complement(math::normal(), x)); });
}

double arc_normal_quantile(double p, arc_statistics_code *code) {
    return guarded(code, [=] { return math::quantile(math::normal(), p); });
}

double arc_student_t_cdf(double t, double df, arc_statistics_code *code) {
    return guarded(code, [=] { return math::cdf(students_t(df), t); });
}

double arc_student_t_survival(double t, double df, arc_statistics_code *code) {
    return guarded(code, [=] { return math::cdf(math::complement(students_t(df), t)); });
}

double arc_student_t_quantile(double p, double df, arc_statistics_code *code) {
    return guarded(code, [=] { return math::quantile(students_t(df), p); });
}

double arc_beta_cdf(double x, double a, double b, arc_statistics_code *code) {
    return guarded(code, [=] { return math::cdf(beta_distribution(a, b), x); });
}

double arc_noncentral_t_cdf(double t, double df, double delta, arc_statistics_code *code) {
    return guarded(code, [=] { return math::cdf(noncentral_t(df, delta), t); });
}

double arc_noncentral_t_survival(double t, double df, double delta, arc_statistics_code *code) {
    return guarded(code, [=] { return math::cdf(math::complement(noncentral_t(df, delta), t)); });
}

double arc_beta_survival(double x, double a, double b, arc_statistics_code *code) {
    return guarded(code, [=] { return math::cdf(math::complement(beta_distribution(a, b), x)); });
}

double arc_beta_density(double x, double a, double b, arc_statistics_code *code) {
    return guarded(code, [=] { return math::pdf(beta_distribution(a, b), x); });
}

double arc_beta_quantile(double p, double a, double b, arc_statistics_code *code) {
    return guarded(code, [=] { return math::quantile(beta_distribution(a, b), p); });
}

double arc_binomial_cdf(double k, double n, double p, arc_statistics_code *code) {
    return guarded(code, [=] { return math::cdf(math::binomial(n, p), k); });
}

double arc_binomial_survival(double k, double n, double p, arc_statistics_code *code) {
    return guarded(code, [=] { return math::cdf(math::complement(math::binomial(n, p), k)); });
}
