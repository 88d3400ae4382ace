/* SPDX-License-Identifier: Apache-2.0 */
/* The style of the HTML report: CSS that stands in the page itself. */
#pragma once

extern const char report_style[];
