#include "arc_digest.h"

#include <openssl/evp.h>

// The stream is OpenSSL's context under a name of our own: the struct is never completed.

static EVP_MD_CTX *context(arc_sha256_stream *stream) { return (EVP_MD_CTX *)stream; }

int arc_sha256(const void *bytes, size_t length, uint8_t out[ARC_SHA256_LENGTH]) {
    unsigned int written = 0;
    return EVP_Digest(length > 0 ? bytes : "", length, out, &written, EVP_sha256(), NULL) == 1
        && written == ARC_SHA256_LENGTH;
}

arc_sha256_stream *arc_sha256_start(void) {
    EVP_MD_CTX *created = EVP_MD_CTX_new();
    if (created != NULL && EVP_DigestInit_ex(created, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(created);
        created = NULL;
    }
    return (arc_sha256_stream *)created;
}

int arc_sha256_add(arc_sha256_stream *stream, const void *bytes, size_t length) {
    return length == 0 || EVP_DigestUpdate(context(stream), bytes, length) == 1;
}

int arc_sha256_finish(arc_sha256_stream *stream, uint8_t out[ARC_SHA256_LENGTH]) {
    unsigned int written = 0;
    return EVP_DigestFinal_ex(context(stream), out, &written) == 1 && written == ARC_SHA256_LENGTH;
}

void arc_sha256_free(arc_sha256_stream *stream) { EVP_MD_CTX_free(context(stream)); }
