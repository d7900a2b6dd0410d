// The parts of OpenSSL 3 that are used: sealing, hashes, random bytes and the secure heap.
#pragma once
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
