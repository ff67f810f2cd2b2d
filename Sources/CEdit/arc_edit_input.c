/// What comes in: characters, pastes, and changes of the window's size.
#define _GNU_SOURCE  // pipe2, wcwidth
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "arc_edit_internal.h"

// One pipe for the process: the signal is the process's, and one terminal is read at a time.
static int size_pipe[2] = {-1, -1};

static void on_size_signal(int number) {
    (void)number;
    int reason = errno;
    ssize_t ignored = write(size_pipe[1], "", 1);
    (void)ignored;
    errno = reason;
}

static void drain(int descriptor) {
    char bytes[64];
    while (read(descriptor, bytes, sizeof bytes) > 0) continue;
}

void arc_edit_watch_size(arc_edit *edit) {
    if (size_pipe[0] < 0 && pipe2(size_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
    drain(size_pipe[0]);  // changes between reads are seen by the el_resize that begins a read
    edit->woken = size_pipe[0];
    struct sigaction action = {.sa_handler = on_size_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGWINCH, &action, NULL);
}

void arc_edit_unwatch_size(arc_edit *edit) {
    if (edit->woken < 0) return;
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigemptyset(&action.sa_mask);
    sigaction(SIGWINCH, &action, NULL);
    edit->woken = -1;
}

static bool understands_escapes(arc_edit *edit) {
    const char *terminal = NULL;
    el_get(edit->el, EL_TERMINAL, &terminal);
    return terminal != NULL && strcmp(terminal, "dumb") != 0;
}

void arc_edit_paste_mode(arc_edit *edit, bool on) {
    if (!understands_escapes(edit)) return;
    fputs(on ? "\033[?2004h" : "\033[?2004l", edit->output);
    fflush(edit->output);
}

/// A walk over the prompt and the input as libedit lays them out in a window.
typedef struct {
    int columns, row, column;
    bool wide;    // a character of two columns was met
    bool unsure;  // one was met that terminals and libedit count differently
} walk;

static void advance(walk *at, wchar_t character) {
    if (character == L'\n') {
        at->row += 1;
        at->column = 0;
        return;
    }
    int width = wcwidth(character);
    if (character == L'\t') width = 8 - at->column % 8;
    else if (character < 32 || character == 127) width = 2;
    else if (width <= 0) at->unsure = true;
    if (width == 2 && character > 127) at->wide = true;
    if (width <= 0) width = 1;
    if (at->column + width > at->columns) {
        at->row += 1;
        at->column = 0;
    }
    at->column += width;
    if (at->column >= at->columns) {
        at->row += 1;
        at->column = 0;
    }
}

/// Walks over the prompt, and writes it where an output is given.
static void walk_prompt(arc_edit *edit, walk *at, FILE *output) {
    bool escape = false;
    mbstate_t shift = {0};
    for (const char *rest = edit->prompt; *rest != 0;) {
        wchar_t character;
        size_t count = mbrtowc(&character, rest, MB_CUR_MAX, &shift);
        if (count == (size_t)-1 || count == (size_t)-2) return;
        if (character == 1) escape = !escape;
        else if (!escape) advance(at, character);
        if (output != NULL && character != 1) fwrite(rest, 1, count, output);
        rest += count;
    }
}

static walk walk_input(const wchar_t *from, const wchar_t *to, walk at) {
    for (const wchar_t *c = from; c < to; c++) advance(&at, *c);
    return at;
}

/// The position of the cursor: how many rows below the prompt's, and in which column.
static walk walk_to_cursor(arc_edit *edit) {
    walk at = {.columns = arc_edit_columns(edit)};
    walk_prompt(edit, &at, NULL);
    const LineInfoW *line = el_wline(edit->el);
    return walk_input(line->buffer, line->cursor, at);
}

static void move_up(arc_edit *edit, int rows) {
    if (rows > 0) fprintf(edit->output, "\033[%dA", rows);
    fputc('\r', edit->output);
}

/// Writes the input over itself. libedit moves the cursor to the right by writing what it passes; when it
/// comes from another row into the middle of a wide character it passes half of that, and the row is one
/// column off.
static void mend_wide_characters(arc_edit *edit) {
    const LineInfoW *line = el_wline(edit->el);
    walk cursor = walk_to_cursor(edit);
    walk end = walk_input(line->cursor, line->lastchar, cursor);
    struct winsize size;
    if (!end.wide || end.unsure || end.row == 0 || !understands_escapes(edit)) return;
    // What is taller than the window has scrolled, and isn't where it is looked for.
    if (ioctl(fileno(edit->output), TIOCGWINSZ, &size) != 0 || end.row >= size.ws_row) return;

    move_up(edit, cursor.row);
    walk at = {.columns = end.columns};
    walk_prompt(edit, &at, edit->output);
    for (const wchar_t *c = line->buffer; c < line->lastchar; c++) {
        int before = at.column;
        advance(&at, *c);
        if (*c == L'\n') fputs("\033[K\r\n", edit->output);
        else if (*c == L'\t') fprintf(edit->output, "%*s", 8 - before % 8, "");
        else if (*c < 32 || *c == 127) fprintf(edit->output, "^%c", (int)(*c ^ 64));
        else fprintf(edit->output, "%lc", (wint_t)*c);
        // A full row: the terminal goes to the next one with the next character, libedit at once.
        if (*c != L'\n' && at.column == 0) fputs(" \r", edit->output);
    }
    fputs("\033[K", edit->output);
    move_up(edit, at.row - cursor.row);
    if (cursor.column > 0) fprintf(edit->output, "\033[%dC", cursor.column);
    fflush(edit->output);
}

/// Draws the input anew from the prompt's row. Today's terminals rewrap what they show, so that row is found
/// with the new width; libedit's own way leaves the old rows standing.
static void redraw(arc_edit *edit) {
    if (understands_escapes(edit)) {
        move_up(edit, walk_to_cursor(edit).row);
        fputs("\033[J", edit->output);
        fflush(edit->output);
    }
    el_resize(edit->el);
    el_set(edit->el, EL_REFRESH);
    fflush(edit->output);
}

/// Waits for input. False at its end.
static bool fill(arc_edit *edit) {
    struct pollfd waiting[2] = {
        {.fd = fileno(edit->input), .events = POLLIN},
        {.fd = edit->woken, .events = POLLIN},
    };
    if (!edit->pasting && poll(waiting, 1, 0) == 0) mend_wide_characters(edit);
    for (;;) {
        if (poll(waiting, 2, -1) < 0) {
            if (errno == EINTR || errno == EAGAIN) continue;
            return false;
        }
        if (waiting[1].revents & POLLIN) {
            drain(edit->woken);
            redraw(edit);
        }
        if (waiting[0].revents == 0) continue;
        // One byte a time, so that what is typed ahead stays in the terminal for whoever reads it next.
        ssize_t count = read(waiting[0].fd, edit->buffer, edit->pasting ? sizeof edit->buffer : 1);
        if (count > 0) {
            edit->buffered = (size_t)count;
            edit->consumed = 0;
            return true;
        }
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        return false;
    }
}

int arc_edit_read_character(EditLine *el, wchar_t *character) {
    arc_edit *edit = arc_edit_of(el);
    for (;;) {
        if (edit->consumed == edit->buffered && !fill(edit)) return 0;
        size_t result = mbrtowc(character, &edit->buffer[edit->consumed++], 1, &edit->shift);
        if (result == (size_t)-2) continue;
        if (result == (size_t)-1) {
            memset(&edit->shift, 0, sizeof edit->shift);
            *character = 0xFFFD;
        }
        return 1;
    }
}
