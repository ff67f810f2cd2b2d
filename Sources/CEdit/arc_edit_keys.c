/// The keys: which sequence does what, and the functions that libedit lacks.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wctype.h>

#include "arc_edit_internal.h"

/// Moves the cursor to the end of the input, for something to be written below it.
static unsigned char go_below(arc_edit *edit, below_action action) {
    const LineInfoW *line = el_wline(edit->el);
    edit->below = action;
    edit->below_cursor = (int)(line->cursor - line->buffer);
    el_cursor(edit->el, (int)(line->lastchar - line->cursor));
    el_push(edit->el, SEQUENCE_BELOW);
    return CC_REFRESH;
}

void arc_edit_show(arc_edit *edit, const char *lines) {
    free(edit->below_lines);
    edit->below_lines = strdup(lines);
    if (edit->below_lines != NULL) go_below(edit, BELOW_SHOW);
}

/// The signal goes to the whole group, as the terminal would send it: a shell then sees the job stopped.
static void suspend(arc_edit *edit) {
    arc_edit_paste_mode(edit, false);
    el_set(edit->el, EL_PREP_TERM, 0);
    kill(0, SIGTSTP);
    el_set(edit->el, EL_PREP_TERM, 1);
    el_resize(edit->el);
    arc_edit_paste_mode(edit, true);
}

static unsigned char on_below(EditLine *el, int key) {
    (void)key;
    arc_edit *edit = arc_edit_of(el);
    below_action action = edit->below;
    edit->below = BELOW_NOTHING;
    if (action == BELOW_NOTHING) return CC_NORM;
    fputs("\r\n", edit->output);
    if (action == BELOW_SUSPEND) {
        suspend(edit);
    } else {
        // The terminal is raw: a line feed alone doesn't return to the first column.
        for (const char *c = edit->below_lines; *c != 0; c++) {
            if (*c == '\n') fputc('\r', edit->output);
            fputc(*c, edit->output);
        }
    }
    const LineInfoW *line = el_wline(el);
    el_cursor(el, edit->below_cursor - (int)(line->cursor - line->buffer));
    el_set(el, EL_REFRESH);
    return CC_NORM;
}

static unsigned char hand_over(EditLine *el, arc_edit_key key) {
    arc_edit *edit = arc_edit_of(el);
    edit->handler(edit->context, key);
    return CC_REFRESH;
}

static unsigned char on_enter(EditLine *el, int key) {
    (void)key;
    return hand_over(el, ARC_EDIT_KEY_ENTER);
}
static unsigned char on_complete(EditLine *el, int key) {
    (void)key;
    return hand_over(el, ARC_EDIT_KEY_COMPLETE);
}
static unsigned char on_older_matching(EditLine *el, int key) {
    (void)key;
    return hand_over(el, ARC_EDIT_KEY_OLDER_MATCHING);
}
static unsigned char on_newer_matching(EditLine *el, int key) {
    (void)key;
    return hand_over(el, ARC_EDIT_KEY_NEWER_MATCHING);
}

static unsigned char on_new_row(EditLine *el, int key) {
    (void)key;
    return el_insertstr(el, "\n") == 0 ? CC_REFRESH : CC_ERROR;
}

static const wchar_t *row_start(const LineInfoW *line, const wchar_t *position) {
    while (position > line->buffer && position[-1] != L'\n') position--;
    return position;
}

static const wchar_t *row_end(const LineInfoW *line, const wchar_t *position) {
    while (position < line->lastchar && *position != L'\n') position++;
    return position;
}

static unsigned char move_to(EditLine *el, const wchar_t *from, const wchar_t *to) {
    el_cursor(el, (int)(to - from));
    return CC_REFRESH;
}

static unsigned char on_up(EditLine *el, int key) {
    (void)key;
    const LineInfoW *line = el_wline(el);
    const wchar_t *row = row_start(line, line->cursor);
    if (row == line->buffer) return hand_over(el, ARC_EDIT_KEY_OLDER);
    const wchar_t *above = row_start(line, row - 1);
    ptrdiff_t column = line->cursor - row, longest = row - 1 - above;
    return move_to(el, line->cursor, above + (column < longest ? column : longest));
}

static unsigned char on_down(EditLine *el, int key) {
    (void)key;
    const LineInfoW *line = el_wline(el);
    const wchar_t *end = row_end(line, line->cursor);
    if (end == line->lastchar) return hand_over(el, ARC_EDIT_KEY_NEWER);
    ptrdiff_t column = line->cursor - row_start(line, line->cursor);
    ptrdiff_t longest = row_end(line, end + 1) - (end + 1);
    return move_to(el, line->cursor, end + 1 + (column < longest ? column : longest));
}

static unsigned char on_home(EditLine *el, int key) {
    (void)key;
    const LineInfoW *line = el_wline(el);
    return move_to(el, line->cursor, row_start(line, line->cursor));
}

static unsigned char on_end(EditLine *el, int key) {
    (void)key;
    const LineInfoW *line = el_wline(el);
    return move_to(el, line->cursor, row_end(line, line->cursor));
}

static unsigned char on_interrupt(EditLine *el, int key) {
    (void)key;
    arc_edit *edit = arc_edit_of(el);
    const LineInfoW *line = el_wline(el);
    el_cursor(el, (int)(line->lastchar - line->cursor));
    el_insertstr(el, "^C");  // shows that the input was dropped
    edit->outcome = ARC_EDIT_INTERRUPTED;
    arc_edit_submit(edit);
    return CC_REFRESH;
}

static unsigned char on_delete_or_end(EditLine *el, int key) {
    (void)key;
    arc_edit *edit = arc_edit_of(el);
    const LineInfoW *line = el_wline(el);
    if (line->lastchar > line->buffer) {
        el_push(el, SEQUENCE_DELETE);
        return CC_NORM;
    }
    edit->outcome = ARC_EDIT_END_OF_FILE;
    arc_edit_submit(edit);
    return CC_NORM;
}

static unsigned char on_suspend(EditLine *el, int key) {
    (void)key;
    return go_below(arc_edit_of(el), BELOW_SUSPEND);
}

/// Line ends become newlines; other control characters but the tab are dropped: a paste can't press keys.
static size_t clean(wchar_t *text, size_t length) {
    size_t kept = 0;
    for (size_t i = 0; i < length; i++) {
        wchar_t c = text[i];
        if (c == L'\r') {
            if (i + 1 < length && text[i + 1] == L'\n') continue;
            c = L'\n';
        }
        if (c == L'\n' || c == L'\t' || !(c < 32 || (c >= 127 && c < 160))) text[kept++] = c;
    }
    return kept;
}

/// Reads to the end of a paste. NULL where the terminal is gone.
static wchar_t *read_paste(EditLine *el, size_t *length) {
    static const wchar_t end[] = L"\033[201~";
    const size_t end_length = sizeof end / sizeof end[0] - 1;
    size_t capacity = 1024, count = 0;
    wchar_t *text = malloc(capacity * sizeof *text);
    while (text != NULL) {
        if (count + 1 == capacity) {
            wchar_t *larger = realloc(text, (capacity *= 2) * sizeof *text);
            if (larger == NULL) break;
            text = larger;
        }
        if (el_wgetc(el, &text[count]) != 1) break;
        count += 1;
        if (count >= end_length && wmemcmp(text + count - end_length, end, end_length) == 0) {
            *length = clean(text, count - end_length);
            return text;
        }
    }
    free(text);
    return NULL;
}

static unsigned char on_paste(EditLine *el, int key) {
    (void)key;
    arc_edit *edit = arc_edit_of(el);
    size_t length = 0;
    edit->pasting = true;
    wchar_t *text = read_paste(el, &length);
    edit->pasting = false;
    if (text == NULL) return CC_EOF;
    // A line copied whole brings its end along, which at the end of the input would only be an empty row.
    const LineInfoW *line = el_wline(el);
    if (line->cursor == line->lastchar)
        while (length > 0 && text[length - 1] == L'\n') length -= 1;
    text[length] = 0;
    int failed = length > 0 && el_winsertstr(el, text) != 0;
    free(text);
    return failed ? CC_ERROR : CC_REFRESH;
}

static const struct {
    const char *name;
    unsigned char (*function)(EditLine *, int);
} functions[] = {
    {"arc-enter", on_enter},
    {"arc-new-row", on_new_row},
    {"arc-complete", on_complete},
    {"arc-up", on_up},
    {"arc-down", on_down},
    {"arc-older-matching", on_older_matching},
    {"arc-newer-matching", on_newer_matching},
    {"arc-home", on_home},
    {"arc-end", on_end},
    {"arc-interrupt", on_interrupt},
    {"arc-delete-or-end", on_delete_or_end},
    {"arc-suspend", on_suspend},
    {"arc-paste", on_paste},
    {"arc-below", on_below},
};

static const struct {
    const char *sequence, *function;
} bindings[] = {
    {SEQUENCE_NEWLINE, "ed-newline"},
    {SEQUENCE_BELOW, "arc-below"},
    {SEQUENCE_DELETE, "ed-delete-next-char"},

    // Enter arrives as ^J, since libedit leaves ICRNL on, and as ^M from what sets the terminal otherwise.
    {"^J", "arc-enter"},
    {"^M", "arc-enter"},
    {"\033^J", "arc-new-row"},
    {"\033^M", "arc-new-row"},
    {"^I", "arc-complete"},
    {"^C", "arc-interrupt"},
    {"^D", "arc-delete-or-end"},
    {"^Z", "arc-suspend"},
    {"^\\", "ed-unassigned"},
    {"\033[200~", "arc-paste"},

    {"\033[A", "arc-up"},
    {"\033OA", "arc-up"},
    {"^P", "arc-up"},
    {"\033[B", "arc-down"},
    {"\033OB", "arc-down"},
    {"^N", "arc-down"},
    {"\033[5~", "arc-older-matching"},
    {"\033[6~", "arc-newer-matching"},
    {"^R", "em-inc-search-prev"},

    {"^A", "arc-home"},
    {"\033[H", "arc-home"},
    {"\033OH", "arc-home"},
    {"\033[1~", "arc-home"},
    {"\033[7~", "arc-home"},
    {"^E", "arc-end"},
    {"\033[F", "arc-end"},
    {"\033OF", "arc-end"},
    {"\033[4~", "arc-end"},
    {"\033[8~", "arc-end"},
    {"\033[1;5H", "ed-move-to-beg"},
    {"\033[1;5F", "ed-move-to-end"},
    {"\033[1;5C", "em-next-word"},
    {"\033[1;3C", "em-next-word"},
    {"\033[1;5D", "ed-prev-word"},
    {"\033[1;3D", "ed-prev-word"},

    // libedit deletes a marked region with ^W and everything with ^U; every shell's fingers know these.
    {"^W", "ed-delete-prev-word"},
    {"^U", "vi-kill-line-prev"},
    {"\033[3~", "ed-delete-next-char"},
    {"\033[3;5~", "em-delete-next-word"},

    // Keys without a meaning here would insert the rest of their sequence.
    {"\033[2~", "ed-unassigned"},
    {"\033[Z", "ed-unassigned"},
    {"\033[1;5A", "ed-unassigned"},
    {"\033[1;5B", "ed-unassigned"},
    {"\033OP", "ed-unassigned"},
    {"\033OQ", "ed-unassigned"},
    {"\033OR", "ed-unassigned"},
    {"\033OS", "ed-unassigned"},
    {"\033[15~", "ed-unassigned"},
    {"\033[17~", "ed-unassigned"},
    {"\033[18~", "ed-unassigned"},
    {"\033[19~", "ed-unassigned"},
    {"\033[20~", "ed-unassigned"},
    {"\033[21~", "ed-unassigned"},
    {"\033[23~", "ed-unassigned"},
    {"\033[24~", "ed-unassigned"},
};

void arc_edit_bind_keys(arc_edit *edit) {
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        el_set(edit->el, EL_ADDFN, functions[i].name, "of arc", functions[i].function);
    for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++)
        el_set(edit->el, EL_BIND, bindings[i].sequence, bindings[i].function, NULL);
}
