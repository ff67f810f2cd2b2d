#pragma once

/// Fetching as a C program does it: libpq's single-row mode in binary, every value into an array that doubles.
typedef struct {
    long long rows;
    /// The bytes of the values as the server sent them.
    long long bytes;
    /// A sum over all columns, so that nothing is left out unseen.
    double sum;
} plain_fetch;

/// Runs a query of the columns int8, int4, float8, float8, boolean, text, timestamptz, uuid. Returns 0 where it failed,
/// else 1.
int plain_fetch_rows(const char *url, const char *sql, plain_fetch *answer);
