// The host's operations, and the forms in which their arguments go out.

#include <stdlib.h>
#include <string.h>

#include "machine.h"

static void form_free(arc_form *form) {
    if (form == NULL) return;
    for (size_t i = 0; i < form->count; i++) {
        free(form->names[i]);
        form_free(form->parts[i]);
    }
    free(form->names);
    free(form->parts);
    free(form);
}

arc_form *arc_form_new(int kind) {
    arc_form *form = calloc(1, sizeof(arc_form));
    if (form != NULL) form->kind = kind;
    return form;
}

// Both lists have room for one more, or are as they were.
static bool grow(void **one, void **other, size_t count) {
    void *grown = realloc(*one, (count + 1) * sizeof(void *));
    if (grown == NULL) return false;
    *one = grown;
    if (other == NULL) return true;
    grown = realloc(*other, (count + 1) * sizeof(void *));
    if (grown == NULL) return false;
    *other = grown;
    return true;
}

bool arc_form_add(arc_form *form, const char *name, arc_form *part) {
    char *copy = strdup(name);
    if (form == NULL || part == NULL || copy == NULL || !grow((void **)&form->parts, (void **)&form->names, form->count)) {
        free(copy);
        form_free(part);
        return false;
    }
    form->names[form->count] = copy;
    form->parts[form->count++] = part;
    return true;
}

bool arc_machine_add_form(arc_machine *m, int32_t operation, arc_form *form) {
    arc_operation *op = &m->operations[operation];
    if (!grow((void **)&op->forms, NULL, op->form_count)) {
        form_free(form);
        return false;
    }
    op->forms[op->form_count++] = form;
    return true;
}

const char *arc_machine_texts(const arc_machine *m) { return m->texts.bytes; }

int32_t arc_machine_operation(arc_machine *m, const char *name, int kind, void *function) {
    size_t size = ((size_t)m->operation_count + 1) * sizeof(arc_operation);
    arc_operation *operations = realloc(m->operations, size);
    if (operations == NULL) return -1;
    m->operations = operations;
    char *copy = strdup(name);
    if (copy == NULL) return -1;
    operations[m->operation_count] = (arc_operation){.name = copy, .kind = (enum arc_kind)kind, .function = function};
    return m->operation_count++;
}

void arc_operations_free(arc_machine *m) {
    for (int32_t i = 0; i < m->operation_count; i++) {
        for (size_t j = 0; j < m->operations[i].form_count; j++) form_free(m->operations[i].forms[j]);
        free(m->operations[i].forms);
        free(m->operations[i].name);
    }
    free(m->operations);
}
