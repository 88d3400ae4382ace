/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places in the XML of an event: what an element or an attribute means by where it stands. Each is
 * made once per reader, so that its name is put together and interned only once.
 *
 *	root / Event / System / Channel         Channel, of the log's own frame
 *	root / Event / System / Provider Name   Provider_Name
 *	root / Event / EventData / Data         Data; one that has a Name is called so
 *	root / Event / UserData / A / B / C     B.C
 *	root / Event / RenderingInfo / Message  RenderingInfo.Message
 */
#pragma once

#include "event/record.h"

enum place_region {
	REGION_root,
	REGION_event, /* in Event */
	REGION_system, /* in Event.System */
	REGION_user, /* in Event.UserData: each element holds data */
	REGION_data, /* in Event.EventData and what else is in Event */
};

/* What a value tells besides being one. */
enum place_role {
	ROLE_none,
	ROLE_channel,
	ROLE_event_id,
	ROLE_time,
	ROLE_host,
	ROLE_number,
	ROLE_data, /* its attribute Name is the name of its value */
};

struct place {
	const struct place *above;
	struct text key; /* the element or attribute */
	bool is_attribute;
	enum place_region region; /* in which it stands */
	enum place_region inside; /* of the elements in it */
	struct text path; /* with which the names of those begin: "" or ending with '.' */
	struct record_name *name; /* of its value; NULL: the root */
	enum place_role role;
	uint64_t hash;
};

struct places;
struct places *places_new(struct record_names *names);
void places_free(struct places **places);

/* The place above all. */
const struct place *places_root(const struct places *places);

/* An element in a place, or an attribute of it. Valid until places_trim forgets. */
const struct place *place_find(struct places *places, const struct place *above, struct text key,
	bool is_attribute);

/* Once there are too many places or names: forgets all and is true. */
bool places_trim(struct places *places);
