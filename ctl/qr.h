/*
 * qr: a text as a QR code in half-block characters, for a telephone that looks at the terminal.
 *
 * libqrencode's header appears in qr.c alone.
 */
#ifndef TTCTL_QR_H
#define TTCTL_QR_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/*
 * Append the code with its quiet zone of four modules, two rows of modules a line. colour: black on
 * white, whatever the terminal's colours are; without it light modules are drawn, for a dark one.
 * 0, or -1 where it would not fit into `width` cells: nothing is appended.
 * Source: ISO/IEC 18004 for the quiet zone.
 */
int qr_write(const char *text, size_t width, bool colour, struct buf *out);

#endif
