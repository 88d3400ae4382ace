/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who makes readable files unreadable, one after the other, as ransomware does. A file counts when
 * its bytes had an order and then have none (Shannon's entropy, and no header of a known format
 * of packed data): rewritten in place, or written beside the original, whose name it begins with,
 * which then goes, or which it is renamed to. After Scaife et al., "CryptoLock (and Drop It)",
 * ICDCS 2016, of whose indicators this takes the entropy, the type and the deletion.
 *
 * Who encrypts a part of each file, or writes text (base64), is not seen.
 */
#pragma once

#include "daemon/message.h"
#include "event/event.h"

enum { REWRITES_WINDOW = 60000, REWRITES_WHO = 3 };

struct rewrites;

struct rewrites *rewrites_new(unsigned most); /* files in a minute */
void rewrites_free(struct rewrites **rewrites);

/* A file as it is before someone opens it, or was seen at any other time. */
void rewrites_seen(struct rewrites *rewrites, const struct message_file *file);

/*
 * It was written by the first of those in `who` (`n`, at most REWRITES_WHO), the others being
 * where that one comes from. Whoever has reached the number by this comes back, none otherwise;
 * each counts for itself, so that a program for each file is no way out.
 */
struct entity rewrites_wrote(struct rewrites *rewrites, const struct message_file *file,
	const struct entity *who, size_t n, int64_t now);

/* A file is gone, or has the new name; no text where there is none. The same answer. */
struct entity rewrites_gone(
	struct rewrites *rewrites, struct text path, struct text new_path, int64_t now);

/* Whether one of them has reached the number before. */
bool rewrites_is_known(const struct rewrites *rewrites, const struct entity *who, size_t n);
