/* SPDX-License-Identifier: Apache-2.0 */
/* Values that were made harmless to click on ("hxxp://example[.]org"), made plain again. */
#pragma once

#include "base/text.h"

/* The text itself if there is nothing to do or it does not fit `size`, else what it is in `room`.
 */
struct text defang(struct text text, char *room, size_t size);
