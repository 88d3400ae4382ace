/* SPDX-License-Identifier: Apache-2.0 */
/* For table-driven tests: ends the test with a sentence that names the case. Included after
 * cmocka.h. */
#pragma once

#define case_fails(...)                                                                           \
	do {                                                                                      \
		print_error("# " __VA_ARGS__);                                                    \
		print_error("\n");                                                                \
		assert_true(false);                                                               \
	} while (0)
