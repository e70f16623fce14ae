/*
 * license: SPDX expressions of files and of the folders that they are in.
 *
 * What is known of licences is data: the table in license.c.
 */
#pragma once

#include "base/buf.h"

enum { LICENSE_MAX = 128 };

/* Room for an SPDX expression, NUL-terminated; "": not known. */
typedef char license_text[LICENSE_MAX];

/*
 * Read the expression behind "SPDX-License-Identifier:" at the head of a file.
 */
void license_of_file(struct span text, license_text);

/*
 * Read the expression that a folder states, which is open as fd: in
 * package.json and its like, else by the wording of LICENSE or COPYING.
 */
void license_of_folder(int fd, license_text);

/* Read an expression from the wording of a licence. */
void license_of_wording(struct span text, license_text);
