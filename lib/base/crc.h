/*
 * CRC-32C (Castagnoli), reflected, as in RFC 3720 section 12.1:
 * mr_crc32c("123456789", 9) == 0xe3069283.
 */
#ifndef MR_BASE_CRC_H
#define MR_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t mr_crc32c(const void *at, size_t len);

#endif
