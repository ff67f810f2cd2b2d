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

/// Where a character leaves the cursor, as libedit draws it.
static void advance(wchar_t character, int columns, int *row, int *column) {
    int width = 1;
    if (character == L'\n') {
        *row += 1;
        *column = 0;
        return;
    }
    if (character == L'\t') width = 8 - *column % 8;
    else if (character < 32 || character == 127) width = 2;
    else width = wcwidth(character);
    if (width <= 0) return;
    if (width == 2 && *column == columns - 1) *column += 1;
    *column += width;
    if (*column >= columns) {
        *row += 1;
        *column = 0;
    }
}

/// How many rows above the cursor the prompt begins, in a window of a width.
static int rows_above(arc_edit *edit, int columns) {
    int row = 0, column = 0;
    bool escape = false;
    mbstate_t shift = {0};
    wchar_t character;
    for (const char *rest = edit->prompt; *rest != 0;) {
        size_t count = mbrtowc(&character, rest, MB_CUR_MAX, &shift);
        if (count == (size_t)-1 || count == (size_t)-2) break;
        rest += count;
        if (character == 1) escape = !escape;
        else if (!escape) advance(character, columns, &row, &column);
    }
    const LineInfoW *line = el_wline(edit->el);
    for (const wchar_t *c = line->buffer; c < line->cursor; c++) advance(*c, columns, &row, &column);
    return row;
}

/// Draws the input anew from the prompt's row. Today's terminals rewrap what they show, so that row is found
/// with the new width; libedit's own way leaves the old rows standing.
static void redraw(arc_edit *edit) {
    if (understands_escapes(edit)) {
        int rows = rows_above(edit, arc_edit_columns(edit));
        if (rows > 0) fprintf(edit->output, "\033[%dA", rows);
        fputs("\r\033[J", edit->output);
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
