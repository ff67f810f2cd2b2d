/// Line editing for arc, on libedit. The only C that includes histedit.h; callers see plain types alone.
///
/// An editor belongs to one thread at a time. Text is UTF-8; lengths and offsets of text are in bytes;
/// counts of characters are Unicode code points, which is what libedit counts.
#ifndef ARC_EDIT_H
#define ARC_EDIT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct arc_edit arc_edit;

/// The keys whose meaning the caller decides; the editor does the rest by itself.
typedef enum {
    ARC_EDIT_KEY_ENTER,           ///< submit, or begin another row
    ARC_EDIT_KEY_COMPLETE,        ///< TAB
    ARC_EDIT_KEY_OLDER,           ///< Up on the first row
    ARC_EDIT_KEY_NEWER,           ///< Down on the last row
    ARC_EDIT_KEY_OLDER_MATCHING,  ///< Page Up: the older entry that begins like the text before the cursor
    ARC_EDIT_KEY_NEWER_MATCHING,  ///< Page Down
} arc_edit_key;

typedef enum {
    ARC_EDIT_INPUT,
    ARC_EDIT_INTERRUPTED,
    ARC_EDIT_END_OF_FILE,
} arc_edit_outcome;

/// Called on the reading thread while a read is under way. It may call the functions marked "in a handler".
typedef void (*arc_edit_handler)(void *context, arc_edit_key key);

/// Opens an editor on two descriptors of one terminal; they are duplicated, and stay the caller's.
/// Settings of the user's `~/.editrc` hold for it under the program name `arc`.
/// NULL, with errno set, where the descriptors aren't usable; ENOTTY where one isn't a terminal.
arc_edit *arc_edit_open(int input, int output);
void arc_edit_close(arc_edit *edit);

/// Makes a text known to the search with Ctrl-R, as the newest. libedit has its own copies.
void arc_edit_remember(arc_edit *edit, const char *text);

/// Reads one input; the handler answers the keys meanwhile. Escape sequences of the prompt stand between
/// bytes 1, and a visible character follows each of them. During the read the terminal sends Ctrl-C and
/// Ctrl-Z as keys, so it needs no signal handlers for them; between reads they are signals again.
arc_edit_outcome arc_edit_read(arc_edit *edit, const char *prompt, arc_edit_handler handler, void *context);

/// Writes a text to the terminal; not during a read.
void arc_edit_write(arc_edit *edit, const char *text);

/// The submitted text after ARC_EDIT_INPUT, or in a handler the text as it stands. It is valid until the next
/// call. `cursor` may be NULL.
const char *arc_edit_text(arc_edit *edit, size_t *length, size_t *cursor);

/// In a handler: inserts a text before the cursor. False where memory is short.
bool arc_edit_insert(arc_edit *edit, const char *text);
/// In a handler: removes characters before the cursor.
void arc_edit_erase(arc_edit *edit, int count);
/// In a handler: replaces the whole text; the cursor goes to its end.
bool arc_edit_replace(arc_edit *edit, const char *text);
/// In a handler: ends the read with the text as it stands.
void arc_edit_submit(arc_edit *edit);
/// In a handler: shows lines below the input, and the input again below them.
void arc_edit_show(arc_edit *edit, const char *lines);
void arc_edit_beep(arc_edit *edit);

/// The terminal's width in columns, 80 where it doesn't say.
int arc_edit_columns(const arc_edit *edit);

#endif
