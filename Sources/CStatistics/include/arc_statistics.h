#ifndef ARC_STATISTICS_H
#define ARC_STATISTICS_H

// Distribution functions and quantiles by Boost.Math, behind a C header.
//
// No C++ exception crosses this boundary. A function that has no answer returns NaN and writes the reason to
// `*code`, which may be NULL; otherwise it writes ARC_STATISTICS_OK. An argument of NaN is ARC_STATISTICS_DOMAIN.

#ifdef __cplusplus
extern "C" {
#endif

typedef enum arc_statistics_code {
    ARC_STATISTICS_OK = 0,
    /// An argument is NaN or outside the function's domain, for instance a probability of 1.5.
    ARC_STATISTICS_DOMAIN = 1,
    /// The answer is infinite, for instance the normal quantile of 1.
    ARC_STATISTICS_OVERFLOW = 2,
    /// The computation did not converge, or ran out of memory.
    ARC_STATISTICS_EVALUATION = 3,
} arc_statistics_code;

/// P(X <= x) of the standard normal distribution.
double arc_normal_cdf(double x, arc_statistics_code *code);

/// P(X > x) of the standard normal distribution, exact in the far tail.
double arc_normal_survival(double x, arc_statistics_code *code);

/// The x with P(X <= x) = p, 0 < p < 1.
double arc_normal_quantile(double p, arc_statistics_code *code);

/// P(T <= t) of Student's t distribution on `df` > 0 degrees of freedom.
double arc_student_t_cdf(double t, double df, arc_statistics_code *code);

/// P(T > t), exact in the far tail.
double arc_student_t_survival(double t, double df, arc_statistics_code *code);

/// The t with P(T <= t) = p, 0 < p < 1.
double arc_student_t_quantile(double p, double df, arc_statistics_code *code);

/// P(T <= t) of the noncentral t distribution on `df` > 0 degrees of freedom with noncentrality `delta`.
double arc_noncentral_t_cdf(double t, double df, double delta, arc_statistics_code *code);

/// P(T > t) of the noncentral t distribution.
double arc_noncentral_t_survival(double t, double df, double delta, arc_statistics_code *code);

/// P(X <= x) of Beta(a, b), a and b > 0, 0 <= x <= 1: the regularised incomplete beta function I_x(a, b).
double arc_beta_cdf(double x, double a, double b, arc_statistics_code *code);

/// The x with P(X <= x) = p, 0 <= p <= 1.
double arc_beta_quantile(double p, double a, double b, arc_statistics_code *code);

/// P(X > x) of Beta(a, b), exact where it is small.
double arc_beta_survival(double x, double a, double b, arc_statistics_code *code);

/// The density of Beta(a, b) at x.
double arc_beta_density(double x, double a, double b, arc_statistics_code *code);

/// P(X <= k) of the binomial distribution of n trials that each succeed with probability p; 0 <= k <= n.
double arc_binomial_cdf(double k, double n, double p, arc_statistics_code *code);

/// P(X > k), exact in the far tail.
double arc_binomial_survival(double k, double n, double p, arc_statistics_code *code);

#ifdef __cplusplus
}
#endif
#endif
