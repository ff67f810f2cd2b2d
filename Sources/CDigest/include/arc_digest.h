#ifndef ARC_DIGEST_H
#define ARC_DIGEST_H

#include <stddef.h>
#include <stdint.h>

// SHA-256 (FIPS 180-4) by OpenSSL's libcrypto, which libpq links anyway. OpenSSL's own types stay behind this header.

#ifdef __cplusplus
extern "C" {
#endif

#define ARC_SHA256_LENGTH 32

/// Writes the digest of `length` bytes to `out`. Returns 1, or 0 where libcrypto refuses (no memory, no SHA-256).
/// `bytes` may be NULL where `length` is 0.
int arc_sha256(const void *bytes, size_t length, uint8_t out[ARC_SHA256_LENGTH]);

/// A digest of bytes that come in pieces.
typedef struct arc_sha256_stream arc_sha256_stream;

/// Starts a digest; NULL where libcrypto refuses. End it with `arc_sha256_free`.
arc_sha256_stream *arc_sha256_start(void);

/// Adds the next piece. Returns 1, or 0 where libcrypto refuses.
int arc_sha256_add(arc_sha256_stream *stream, const void *bytes, size_t length);

/// Writes the digest of all pieces to `out`; the stream takes no more. Returns 1, or 0 where libcrypto refuses.
int arc_sha256_finish(arc_sha256_stream *stream, uint8_t out[ARC_SHA256_LENGTH]);

/// Frees the stream, finished or not. NULL is ignored.
void arc_sha256_free(arc_sha256_stream *stream);

#ifdef __cplusplus
}
#endif
#endif
