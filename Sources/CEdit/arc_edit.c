#include "arc_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "arc_edit_internal.h"

#define REMEMBERED 10000

/// libedit drops what isn't ASCII in the C locale. LC_CTYPE alone: LC_NUMERIC would change how
/// Lua reads numbers.
static void use_utf8(void) {
    if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

static char *current_prompt(EditLine *el) { return (char *)arc_edit_of(el)->prompt; }

static FILE *open_copy(int descriptor, const char *mode) {
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return NULL;
    FILE *file = fdopen(copy, mode);
    if (file == NULL) close(copy);
    return file;
}

arc_edit *arc_edit_of(EditLine *el) {
    void *edit = NULL;
    el_get(el, EL_CLIENTDATA, &edit);
    return edit;
}

arc_edit *arc_edit_open(int input, int output) {
    if (!isatty(input) || !isatty(output)) return NULL;
    use_utf8();
    arc_edit *edit = calloc(1, sizeof *edit);
    if (edit == NULL) return NULL;
    edit->prompt = "";
    edit->woken = -1;
    edit->input = open_copy(input, "r");
    edit->output = open_copy(output, "w");
    if (edit->input != NULL && edit->output != NULL)
        edit->el = el_init("arc", edit->input, edit->output, edit->output);
    edit->history = history_init();
    if (edit->el == NULL || edit->history == NULL) {
        int reason = errno ? errno : ENOMEM;
        arc_edit_close(edit);
        errno = reason;
        return NULL;
    }

    HistEvent event;
    history(edit->history, &event, H_SETSIZE, REMEMBERED);
    el_set(edit->el, EL_CLIENTDATA, edit);
    el_set(edit->el, EL_PROMPT_ESC, current_prompt, '\1');
    el_set(edit->el, EL_HIST, history, edit->history);
    el_set(edit->el, EL_GETCFN, arc_edit_read_character);
    el_set(edit->el, EL_SIGNAL, 0);
    el_set(edit->el, EL_EDITOR, "emacs");
    el_source(edit->el, NULL);
    // libedit miscounts wide characters when it lets the terminal insert and delete; without, it
    // writes the rest of the row.
    static const char *const shifting[] = {"ic", "IC", "im", "ei", "ip", "dc", "DC", "dm", "ed"};
    for (size_t i = 0; i < sizeof shifting / sizeof shifting[0]; i++)
        el_set(edit->el, EL_SETTC, shifting[i], "", NULL);
    // With ISIG off the keys that send signals are keys like any other, and a read changes no signal handler.
    el_set(edit->el, EL_SETTY, "-d", "-isig", NULL);
    arc_edit_bind_keys(edit);
    return edit;
}

void arc_edit_close(arc_edit *edit) {
    if (edit == NULL) return;
    if (edit->el != NULL) el_end(edit->el);
    if (edit->history != NULL) history_end(edit->history);
    if (edit->input != NULL) fclose(edit->input);
    if (edit->output != NULL) fclose(edit->output);
    free(edit->text);
    free(edit->below_lines);
    free(edit);
}

void arc_edit_remember(arc_edit *edit, const char *text) {
    HistEvent event;
    history(edit->history, &event, H_ENTER, text);
}

/// Keeps the submitted text, without the newline that ended it. libedit doesn't always terminate its buffer.
static arc_edit_outcome take_text(arc_edit *edit, const char *line, int count) {
    size_t length = (size_t)count;
    if (length > 0 && line[length - 1] == '\n') length -= 1;
    char *copy = malloc(length + 1);
    if (copy == NULL) return ARC_EDIT_INTERRUPTED;
    memcpy(copy, line, length);
    copy[length] = 0;
    edit->text = copy;
    edit->text_length = length;
    return ARC_EDIT_INPUT;
}

arc_edit_outcome arc_edit_read(arc_edit *edit, const char *prompt, arc_edit_handler handler, void *context) {
    free(edit->text);
    edit->text = NULL;
    edit->text_length = 0;
    edit->prompt = prompt;
    edit->handler = handler;
    edit->context = context;
    edit->outcome = ARC_EDIT_INPUT;
    edit->below = BELOW_NOTHING;
    memset(&edit->shift, 0, sizeof edit->shift);
    fflush(stdout);  // what the program printed comes before the prompt
    el_resize(edit->el);
    arc_edit_watch_size(edit);
    // el_gets would draw the prompt first, and a Ctrl-D typed at once would be lost to the terminal's
    // own editing.
    el_set(edit->el, EL_PREP_TERM, 1);
    arc_edit_paste_mode(edit, true);
    edit->reading = true;

    int count = 0;
    const char *line = el_gets(edit->el, &count);

    edit->reading = false;
    arc_edit_paste_mode(edit, false);
    arc_edit_unwatch_size(edit);
    if (edit->outcome != ARC_EDIT_INPUT) return edit->outcome;
    if (line == NULL || count <= 0) return ARC_EDIT_END_OF_FILE;
    return take_text(edit, line, count);
}

void arc_edit_write(arc_edit *edit, const char *text) {
    fflush(stdout);  // what the program printed comes first
    fputs(text, edit->output);
}

const char *arc_edit_text(arc_edit *edit, size_t *length, size_t *cursor) {
    if (!edit->reading) {
        *length = edit->text_length;
        if (cursor != NULL) *cursor = edit->text_length;
        return edit->text == NULL ? "" : edit->text;
    }
    const LineInfo *line = el_line(edit->el);
    *length = (size_t)(line->lastchar - line->buffer);
    if (cursor != NULL) *cursor = (size_t)(line->cursor - line->buffer);
    return line->buffer;
}

bool arc_edit_insert(arc_edit *edit, const char *text) {
    return *text == 0 || el_insertstr(edit->el, text) == 0;
}

void arc_edit_erase(arc_edit *edit, int count) { el_deletestr(edit->el, count); }

bool arc_edit_replace(arc_edit *edit, const char *text) {
    const LineInfoW *line = el_wline(edit->el);
    int count = (int)(line->lastchar - line->buffer);
    el_cursor(edit->el, (int)(line->lastchar - line->cursor));
    if (count > 0) el_deletestr(edit->el, count);
    return arc_edit_insert(edit, text);
}

void arc_edit_submit(arc_edit *edit) { el_push(edit->el, SEQUENCE_NEWLINE); }

void arc_edit_beep(arc_edit *edit) { el_beep(edit->el); }

int arc_edit_columns(const arc_edit *edit) {
    struct winsize size;
    if (ioctl(fileno(edit->output), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}
