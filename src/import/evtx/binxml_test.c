// SPDX-License-Identifier: Apache-2.0
// Tests: BinXML becomes fields, of every type and under the name that rules know; what is made to
// be endless ends.

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "import/evtx/seen_test.h"

#define BYTES(literal) "" literal, sizeof(literal) - 1

static void value_of_each_type(void **state)
{
	static const struct {
		uint8_t type;
		const char *at;
		uint16_t n;
		const char *wanted;
	} cases[] = {
		{TYPE_null, BYTES(""), "null:"},
		{TYPE_utf16, BYTES(""), "text:"},
		{TYPE_utf16, BYTES("a\0b\0\0\0"), "text:ab"},
		{TYPE_utf16, BYTES("\xe4\0\x3d\xd8\0\xde\xac\x20"), "text:ä😀€"},
		{TYPE_utf16, BYTES("1\0002\0003\0004\0005\0006\0007\0008\0009\0\xff\0"),
			"text:123456789ÿ"},
		{TYPE_utf16, BYTES("\x3d\xd8x\0\0\xde"), "text:\xef\xbf\xbdx\xef\xbf\xbd"},
		{TYPE_ansi, BYTES("\x80 \xe4\0"), "text:€ ä"},
		{TYPE_int8, BYTES("\x80"), "number:-128"},
		{TYPE_uint8, BYTES("\x80"), "number:128"},
		{TYPE_int16, BYTES("\xfe\xff"), "number:-2"},
		{TYPE_uint16, BYTES("\x10\x12"), "number:4624"},
		{TYPE_int32, BYTES("\xff\xff\xff\xff"), "number:-1"},
		{TYPE_uint32, BYTES("\xff\xff\xff\xff"), "number:4294967295"},
		{TYPE_int64, BYTES("\0\0\0\0\0\0\0\x80"), "number:-9223372036854775808"},
		{TYPE_int64, BYTES("\1\0\0\0\0\0\0\0"), "number:1"},
		{TYPE_uint64, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"),
			"number:18446744073709551615"},
		{TYPE_float, BYTES("\xcd\xcc\xcc\x3d"), "number:0.1"},
		{TYPE_double, BYTES("\0\0\0\0\0\0\xf8\xbf"), "number:-1.5"},
		{TYPE_double, BYTES("\x9c\x75\0\x88\x3c\xe4\x37\x7e"), "number:1e+300"},
		{TYPE_double, BYTES("\0\0\0\0\0\0\0\x80"), "number:0"},
		{TYPE_double, BYTES("\x33\x33\x33\x33\x33\x33\xd3\x3f"),
			"number:0.3"},
		{TYPE_double, BYTES("\x34\x33\x33\x33\x33\x33\xd3\x3f"),
			"number:0.30000000000000004"},
		{TYPE_double, BYTES("\0\0\0\0\0\0\xf0\x7f"), "text:inf"},
		{TYPE_flag, BYTES("\0\0\0\0"), "flag:false"},
		{TYPE_flag, BYTES("\0\0\2\0"), "flag:true"},
		{TYPE_binary, BYTES("\0\x1f\xab"), "text:001FAB"},
		{TYPE_guid, BYTES("\x33\x22\x11\0\x55\x44\x77\x66\x88\x99\xaa\xbb"
				"\xcc\xdd\xee\xff"),
			"text:00112233-4455-6677-8899-AABBCCDDEEFF"},
		{TYPE_size, BYTES("\x10\0\0\0"), "text:0x10"},
		{TYPE_size, BYTES("\0\0\0\0\1\0\0\0"), "text:0x100000000"},
		{TYPE_filetime, BYTES("\x87\x11\xde\x0c\x98\xdd\xd4\x01"),
			"text:2019-03-18T14:37:02.123456Z"},
		{TYPE_filetime, BYTES("\0\0\0\0\0\0\0\0"), "text:1601-01-01T00:00:00.000000Z"},
		{TYPE_filetime, BYTES("\xff\xff\xff\xff\xff\xff\xff\x7f"),
			"text:30828-09-14T02:48:05.477580Z"},
		{TYPE_systemtime, BYTES("\xe3\7\3\0\1\0\x12\0\x0e\0\x25\0\2\0\x7b\0"),
			"text:2019-03-18T14:37:02.123000Z"},
		{TYPE_sid, BYTES("\1\1\0\0\0\0\0\5\x12\0\0\0"), "text:S-1-5-18"},
		{TYPE_sid, BYTES("\1\2\0\0\0\0\0\5\x20\0\0\0\xff\xff\xff\xff"),
			"text:S-1-5-32-4294967295"},
		{TYPE_hex32, BYTES("\xef\xbe\xad\xde"), "text:0xdeadbeef"},
		{TYPE_hex64, BYTES("\0\0\0\0\0\0\0\x80"), "text:0x8000000000000000"},
		{TYPE_hex64, BYTES("\0\0\0\0\0\0\0\0"), "text:0x0"},
		/* not as long as its type, or of none */
		{TYPE_uint32, BYTES("\1\2\3"), "text:010203"},
		{TYPE_sid, BYTES("\1\7\0\0\0\0\0\5"), "text:0107000000000005"},
		{TYPE_guid, BYTES("\1"), "text:01"},
		{0x77, BYTES("\xff"), "text:FF"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct made_value value = {cases[i].type, cases[i].at, cases[i].n};
		struct seen seen = {0};
		char wanted[200];
		struct made made;

		made_begin(&made);
		made_record(&made, 1);
		made_instance(&made, body_named, 0, &value, 1);
		made_record_end(&made);
		made_end(&made);
		chunk_see(&made, false, &seen);
		snprintf(wanted, sizeof wanted, "1 A=%s", cases[i].wanted);
		assert_string_equal(seen.text, wanted);
		assert_string_equal(seen.skipped, "");
		assert_int_equal(seen.marks, 0);
	}
}

static void items_of_an_array_are_values_of_their_own(void **state)
{
	static const struct {
		uint8_t type;
		const char *at;
		uint16_t n;
		const char *wanted;
	} cases[] = {
		{TYPE_utf16, BYTES("a\0\0\0\0\0b\0\0\0"), "1 A=text:a A=text: A=text:b"},
		{TYPE_utf16, BYTES("a\0\0\0b\0"), "1 A=text:a A=text:b"},
		{TYPE_ansi, BYTES("a\0b\0"), "1 A=text:a A=text:b"},
		{TYPE_uint16, BYTES("\1\0\2\0\3"), "1 A=number:1 A=number:2 A=text:03"},
		{TYPE_flag, BYTES("\1\0\0\0\0\0\0\0"), "1 A=flag:true A=flag:false"},
		{TYPE_hex32, BYTES("\1\0\0\0\2\0\0\0"), "1 A=text:0x1 A=text:0x2"},
		{TYPE_sid, BYTES("\1\1\0\0\0\0\0\5\x12\0\0\0\1\1\0\0\0\0\0\5\x13\0\0\0"),
			"1 A=text:S-1-5-18 A=text:S-1-5-19"},
		{TYPE_size, BYTES("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"), "1 A=text:0x1 A=text:0x2"},
		{TYPE_binary, BYTES("\1\2"), "1 A=text:0102"},
		{TYPE_utf16, BYTES(""), "1 A=text:"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct made_value value = {cases[i].type | TYPE_array, cases[i].at, cases[i].n};
		struct seen seen = {0};
		struct made made;

		made_begin(&made);
		made_record(&made, 1);
		made_instance(&made, body_named, 0, &value, 1);
		made_record_end(&made);
		made_end(&made);
		chunk_see(&made, false, &seen);
		assert_string_equal(seen.text, cases[i].wanted);
	}
}

/* A leaf with a hole. */
static void leaf(struct made *made, const char *name, uint16_t hole, bool optional)
{
	made_element(made, name);
	made_hole(made, hole, optional);
	made_token(made, TOKEN_element_ends);
}

/* As the log's frame is written. */
static void body_frame(struct made *made)
{
	made_open(made, "Event", true, false);
	made_attribute(made, "xmlns");
	made_text(made, "http://schemas.microsoft.com/win/2004/08/events/event");
	made_token(made, TOKEN_start_ends);
	made_element(made, "System");
	made_open(made, "Provider", true, false);
	made_attribute(made, "Name");
	made_text(made, "P");
	made_attribute(made, "Guid");
	made_hole(made, 0, true);
	made_token(made, TOKEN_empty_ends);
	made_open(made, "EventID", true, false);
	made_attribute(made, "Qualifiers");
	made_hole(made, 4, true);
	made_token(made, TOKEN_start_ends);
	made_hole(made, 3, true);
	made_token(made, TOKEN_element_ends);
	made_open(made, "TimeCreated", true, false);
	made_attribute(made, "SystemTime");
	made_hole(made, 6, true);
	made_token(made, TOKEN_empty_ends);
	leaf(made, "EventRecordID", 10, true);
	made_open(made, "Execution", true, false);
	made_attribute(made, "ProcessID");
	made_hole(made, 8, true);
	made_token(made, TOKEN_empty_ends);
	made_element(made, "Channel");
	made_text(made, "Security");
	made_token(made, TOKEN_element_ends);
	leaf(made, "Computer", 1, true);
	made_token(made, TOKEN_element_ends);
	made_hole(made, 2, true);
	made_token(made, TOKEN_element_ends);
}

static void frame_of_the_log_tells_where_a_record_comes_from(void **state)
{
	static const struct made_value values[] = {
		[0] = {TYPE_null, BYTES("")},
		[1] = {TYPE_utf16, BYTES("h\0o\0s\0t\0")},
		[2] = {TYPE_null, BYTES("")},
		[3] = {TYPE_uint16, BYTES("\x10\x12")},
		[4] = {TYPE_null, BYTES("")},
		[5] = {TYPE_null, BYTES("")},
		[6] = {TYPE_filetime, BYTES("\x87\x11\xde\x0c\x98\xdd\xd4\x01")},
		[7] = {TYPE_null, BYTES("")},
		[8] = {TYPE_uint32, BYTES("\x2a\0\0\0")},
		[9] = {TYPE_null, BYTES("")},
		[10] = {TYPE_uint64, BYTES("\xe8\3\0\0\0\0\0\0")},
	};
	struct seen seen = {.system = true};
	struct made made;

	made_begin(&made);
	made_record(&made, 7);
	made_instance(&made, body_frame, 0, values, array_size(values));
	made_record_end(&made);
	made_end(&made);
	chunk_see(&made, false, &seen);
	assert_string_equal(seen.text, "1000 Provider_Name=text:P EventID=number:4624"
		" TimeCreated=text:2019-03-18T14:37:02.123456Z EventRecordID=number:1000"
		" Execution_ProcessID=number:42 Channel=text:Security Computer=text:host");
	assert_int_equal(seen.last.event_id, 4624);
	assert_int_equal(seen.last.time, INT64_C(1552919822123456700));
	assert_int_equal(seen.last.channel.n, 8);
	assert_int_equal(seen.last.host.n, 4);
	assert_int_equal(seen.last.number, 1000);
}

/* Optional and other holes, attributes, members, texts side by side, data without a name. */
static void body_user(struct made *made)
{
	made_element(made, "Event");
	made_element(made, "UserData");
	made_open(made, "X", true, false);
	made_attribute(made, "xmlns:a");
	made_text(made, "urn:a");
	made_attribute(made, "kind");
	made_text(made, "k");
	made_token(made, TOKEN_start_ends);
	made_element(made, "B");
	leaf(made, "C", 0, true);
	leaf(made, "D", 1, true);
	made_open(made, "E", true, false);
	made_attribute(made, "e");
	made_text(made, "1");
	made_token(made, TOKEN_start_ends);
	made_hole(made, 1, true);
	made_token(made, TOKEN_element_ends);
	made_element(made, "F");
	made_text(made, "a ");
	made_hole(made, 0, false);
	made_token(made, TOKEN_entity);
	made_name(made, "lt");
	made_token(made, TOKEN_element_ends);
	made_open(made, "G", false, false);
	made_token(made, TOKEN_empty_ends);
	made_token(made, TOKEN_element_ends);
	made_token(made, TOKEN_element_ends);
	made_token(made, TOKEN_element_ends);
	made_element(made, "EventData");
	leaf(made, "Data", 0, false);
	made_open(made, "Data", true, false);
	made_attribute(made, "Name");
	made_hole(made, 0, false);
	made_token(made, TOKEN_start_ends);
	made_hole(made, 0, false);
	made_token(made, TOKEN_element_ends);
	made_token(made, TOKEN_element_ends);
	made_element(made, "RenderingInfo");
	leaf(made, "Message", 0, false);
	made_token(made, TOKEN_element_ends);
	leaf(made, "BinaryEventData", 0, false);
	made_token(made, TOKEN_element_ends);
}

static void names_tell_where_a_value_stands(void **state)
{
	static const struct made_value values[] = {
		{TYPE_utf16, BYTES("v\0")},
		{TYPE_utf16, BYTES("")},
	};
	struct seen seen = {0};
	struct made made;

	made_begin(&made);
	made_record(&made, 1);
	made_instance(&made, body_user, 0, values, array_size(values));
	made_record_end(&made);
	made_end(&made);
	chunk_see(&made, false, &seen);
	assert_string_equal(seen.text, "1 #attributes.kind=text:k B.C=text:v B.F=text:a v<"
		" B.G=null: B=object: Data=text:v v=text:v RenderingInfo.Message=text:v"
		" BinaryEventData=text:v");
	assert_string_equal(seen.skipped, "");
}

/* <Event>hole 0</Event> */
static void body_hole(struct made *made)
{
	made_element(made, "Event");
	made_hole(made, 0, true);
	made_token(made, TOKEN_element_ends);
}

/* <EventData><Data Name="A">hole 0</Data></EventData> */
static void body_data(struct made *made)
{
	made_element(made, "EventData");
	made_open(made, "Data", true, false);
	made_attribute(made, "Name");
	made_text(made, "A");
	made_token(made, TOKEN_start_ends);
	made_hole(made, 0, false);
	made_token(made, TOKEN_element_ends);
	made_token(made, TOKEN_element_ends);
}

/*
 * An instance whose only value is XML, written by `inner`: its length is known only afterwards.
 */
static void xml_in_xml(struct made *made, void (*inner)(struct made *, const void *),
	const void *argument)
{
	static const struct made_value nothing = {TYPE_xml, "", 0};
	uint32_t from;

	made_instance(made, body_hole, 0, &nothing, 1);
	from = made->n;
	inner(made, argument);
	made_set(made, from - 4, (made->n - from) | TYPE_xml << 16);
}

static void inner_template(struct made *made, const void *argument)
{
	made_instance(made, body_data, 0, argument, 1);
}

static void inner_plain(struct made *made, const void *argument)
{
	made_open(made, "EventData", false, true);
	made_token(made, TOKEN_start_ends);
	made_open(made, "A", false, true);
	made_token(made, TOKEN_start_ends);
	made_text(made, argument);
	made_token(made, TOKEN_element_ends);
	made_token(made, TOKEN_element_ends);
	made_token(made, TOKEN_end);
}

static void xml_in_a_value_stands_where_its_hole_is(void **state)
{
	static const struct made_value value = {TYPE_uint8, "\5", 1};
	struct seen seen = {0};
	struct made made;

	made_begin(&made);
	made_record(&made, 1);
	xml_in_xml(&made, inner_template, &value);
	made_record_end(&made);
	made_record(&made, 2);
	xml_in_xml(&made, inner_plain, "plain");
	made_record_end(&made);
	made_end(&made);
	chunk_see(&made, false, &seen);
	assert_string_equal(seen.text, "1 A=number:5\n2 A=text:plain");
	assert_string_equal(seen.skipped, "");
}

/* 70 elements in one another. */
static void body_deep(struct made *made)
{
	for (int i = 0; i < 70; i++)
		made_element(made, "E");
	for (int i = 0; i < 70; i++)
		made_token(made, TOKEN_element_ends);
}

/* Nobody closes these. */
static void body_open(struct made *made)
{
	made_element(made, "Event");
	made_element(made, "EventData");
	made_element(made, "A");
	made_text(made, "x");
}

/* A thousand holes for the one value. */
static void body_wide(struct made *made)
{
	made_element(made, "Event");
	for (int i = 0; i < 1000; i++) {
		made_element(made, "A");
		made_text(made, "-");
		made_hole(made, 0, false);
		made_token(made, TOKEN_element_ends);
	}
	made_token(made, TOKEN_element_ends);
}

/* A template that holds an instance of itself. */
static void body_cycle(struct made *made)
{
	uint32_t self = made->n - FRAGMENT_HEAD - TEMPLATE_HEAD;

	made_element(made, "Event");
	made_token(made, TOKEN_template);
	made_number(made, 1, 1);
	made_number(made, 0x11223344, 4);
	made_number(made, self, 4);
	made_number(made, 0, 4);
	made_token(made, TOKEN_element_ends);
}

static void hostile_templates_end(void **state)
{
	static const struct made_value five = {TYPE_uint8, "\5", 1};
	static char long_value[16384];
	static const struct {
		void (*body)(struct made *);
		const char *text, *skipped;
	} cases[] = {
		{body_deep, "2 A=number:5",
			"chunk 0, record 1: its XML is nested too deeply"},
		{body_cycle, "2 A=number:5",
			"chunk 0, record 1: its XML is nested too deeply"},
		{body_open, "1 A=text:x\n2 A=number:5", ""},
		{body_wide, "", "chunk 0, record 1: its chunk asks for more work than a sound "
			"one can\n"
			"chunk 0, record 2: its chunk asks for more work than a sound one can"},
	};

	memset(long_value, 'x', sizeof long_value);
	for (size_t i = 0; i < array_size(cases); i++) {
		struct made_value value = {TYPE_ansi, long_value, sizeof long_value};
		struct seen seen = {0};
		struct made made;

		made_begin(&made);
		made_record(&made, 1);
		made_instance(&made, cases[i].body, 0, &value, 1);
		made_record_end(&made);
		made_record(&made, 2);
		made_instance(&made, body_named, 0, &five, 1);
		made_record_end(&made);
		made_end(&made);
		chunk_see(&made, false, &seen);
		assert_string_equal(seen.text, cases[i].text);
		assert_string_equal(seen.skipped, cases[i].skipped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_of_each_type),
		cmocka_unit_test(items_of_an_array_are_values_of_their_own),
		cmocka_unit_test(frame_of_the_log_tells_where_a_record_comes_from),
		cmocka_unit_test(names_tell_where_a_value_stands),
		cmocka_unit_test(xml_in_a_value_stands_where_its_hole_is),
		cmocka_unit_test(hostile_templates_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
