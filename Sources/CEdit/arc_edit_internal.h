/// What the files of CEdit share.
#ifndef ARC_EDIT_INTERNAL_H
#define ARC_EDIT_INTERNAL_H

#include <histedit.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>

#include "arc_edit.h"

/// What is to happen once the cursor stands at the end of the input.
typedef enum { BELOW_NOTHING, BELOW_SHOW, BELOW_SUSPEND } below_action;

struct arc_edit {
    EditLine *el;
    History *history;
    FILE *input, *output;
    arc_edit_handler handler;
    void *context;

    const char *prompt;
    bool reading;
    arc_edit_outcome outcome;
    char *text;  // the submitted text
    size_t text_length;

    below_action below;
    char *below_lines;
    int below_cursor;  // where the cursor was, in characters from the start

    int woken;  // the end of the pipe that a change of the window's size writes to
    bool pasting;
    char buffer[4096];  // bytes read ahead: more than one only within a paste
    size_t buffered, consumed;
    mbstate_t shift;
};

// Sequences that no terminal sends, through which our functions run libedit's: a function of ours that returns
// CC_NEWLINE would leave the cursor inside the input.
#define SEQUENCE_NEWLINE "\033]arc-newline\a"
#define SEQUENCE_BELOW "\033]arc-below\a"
#define SEQUENCE_DELETE "\033]arc-delete\a"

arc_edit *arc_edit_of(EditLine *el);

// arc_edit_keys.c
void arc_edit_bind_keys(arc_edit *edit);

// arc_edit_input.c
int arc_edit_read_character(EditLine *el, wchar_t *character);
void arc_edit_watch_size(arc_edit *edit);
void arc_edit_unwatch_size(arc_edit *edit);
void arc_edit_paste_mode(arc_edit *edit, bool on);

#endif
