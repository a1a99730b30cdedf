#include "tests/sandbox/gzip.h"

#include "common/buf.h"

#include <stdint.h>

#define BLOCK_MAX 65535

static uint32_t
crc32_of(const unsigned char *p, size_t len)
{
	uint32_t crc = 0xffffffffu;

	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void
add_le(struct buf *b, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_chr(b, (char)(v >> 8 * i & 0xff));
}

void
gzip_wrap(struct buf *b)
{
	static const unsigned char head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };
	const unsigned char *p = (const unsigned char *)buf_text(b);
	struct buf out;
	size_t at = 0;

	buf_init(&out, b->cap);
	buf_add(&out, head, sizeof(head));
	do {
		size_t n = b->len - at < BLOCK_MAX ? b->len - at : BLOCK_MAX;

		buf_chr(&out, at + n == b->len); /* the last block says so */
		add_le(&out, (uint32_t)n, 2);
		add_le(&out, ~(uint32_t)n, 2);
		buf_add(&out, p + at, n);
		at += n;
	} while (at < b->len);
	add_le(&out, crc32_of(p, b->len), 4);
	add_le(&out, (uint32_t)b->len, 4);
	buf_done(b);
	*b = out;
}
