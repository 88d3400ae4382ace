/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of BinXML: [MS-EVEN6] 2.2.12, and as it stands in files "Windows XML Event Log (EVTX)
 * format" by J. Metz.
 */
#pragma once

enum token {
	TOKEN_end = 0x00,
	TOKEN_element = 0x01,
	TOKEN_start_ends = 0x02,
	TOKEN_empty_ends = 0x03,
	TOKEN_element_ends = 0x04,
	TOKEN_text = 0x05,
	TOKEN_attribute = 0x06,
	TOKEN_cdata = 0x07,
	TOKEN_character = 0x08,
	TOKEN_entity = 0x09,
	TOKEN_instruction = 0x0a,
	TOKEN_instruction_data = 0x0b,
	TOKEN_template = 0x0c,
	TOKEN_hole = 0x0d,
	TOKEN_optional_hole = 0x0e,
	TOKEN_fragment = 0x0f,
	TOKEN_more = 0x40, /* added where more follows: attributes, text */
};

enum {
	DEPTH_MAX = 64, /* elements and templates in one another */
	FRAGMENT_HEAD = 4, /* bytes: the token, version 1.1, flags */
	TEMPLATE_HEAD = 24, /* bytes before a definition's XML: next one, GUID, size */
};
