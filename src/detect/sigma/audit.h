/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A live event as the Linux audit daemon would have recorded it: up to three records, EXECVE with
 * the arguments, SYSCALL with the process, PATH with the file. Rules for `service: auditd` are
 * asked about each by itself, since a0 is an argument in one and a register in another; no text is
 * made for it.
 */
#pragma once

#include "detect/sigma/field.h"
#include "detect/sigma/row.h"

enum audit_record { AUDIT_EXECVE, AUDIT_SYSCALL, AUDIT_PATH, AUDIT_RECORDS };

enum audit_what {
	AUDIT_nothing,
#define AUDIT_CALL(...)
#define AUDIT_FIELD(name, what) AUDIT_##what,
#include "detect/sigma/audit.def"
#undef AUDIT_CALL
#undef AUDIT_FIELD
	AUDIT_argument,
};

/* What a field name of a rule means in audit records. */
struct audit_field {
	enum audit_what what;
	unsigned n; /* of an argument */
};

struct audit_field audit_field_find(struct text name);

/* Whether an event of that kind has such a record. */
bool audit_has(enum event_kind kind, enum audit_record record);

/* Adds the values that the record of the row's event has to the row's field `number`. */
void audit_fill(struct audit_field field, enum audit_record record, struct row *row,
	uint32_t number);
