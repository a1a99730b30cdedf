#include "ctl/qr.h"

#include "common/buf.h"

#include <qrencode.h>

#define QUIET 4

/* Fixed colours of the 256: a theme does not change them. */
#define BLACK_ON_WHITE "\033[38;5;16;48;5;231m"
#define AS_BEFORE      "\033[0m"

/* Is the module drawn? Outside of the code everything is light. */
static bool
is_drawn(const QRcode *qr, int x, int y, bool dark)
{
	bool inside = x >= 0 && y >= 0 && x < qr->width && y < qr->width;

	return (inside && qr->data[y * qr->width + x] & 1) == dark;
}

static void
write_line(const QRcode *qr, int y, bool colour, struct buf *out)
{
	static const char *const blocks[] = { " ", "▀", "▄", "█" };

	if (colour)
		buf_str(out, BLACK_ON_WHITE);
	for (int x = -QUIET; x < qr->width + QUIET; x++)
		buf_str(out,
		        blocks[is_drawn(qr, x, y, colour) | is_drawn(qr, x, y + 1, colour) << 1]);
	buf_str(out, colour ? AS_BEFORE "\n" : "\n");
}

int
qr_write(const char *text, size_t width, bool colour, struct buf *out)
{
	QRcode *qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
	int rc = -1;

	if (qr && (size_t)qr->width + 2 * QUIET <= width) {
		for (int y = -QUIET; y < qr->width + QUIET; y += 2)
			write_line(qr, y, colour, out);
		rc = out->failed ? -1 : 0;
	}
	QRcode_free(qr);
	return rc;
}
