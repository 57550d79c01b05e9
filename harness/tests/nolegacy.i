# 1 "kernel/x.c"
void f(struct t *t) {
 do { *(volatile typeof((get_current())->__state) *)&((get_current())->__state) = ((mark_TASK_TRACED)); } while (0);
 (get_current())->jobctl |= mark_JOBCTL_TRACED;
 t->jobctl = t->jobctl | mark_JOBCTL_TRACED | 4;
 t->saved_state = (4 | (mark_TASK_TRACED));
 t->jobctl &= ~(8 | mark_JOBCTL_TRACED);
 if ((t->jobctl & (8 | mark_JOBCTL_TRACED)) != 0) g();
 if (t->__state == mark_TASK_TRACED) g();
 wake_up_state(t, mark_TASK_TRACED | 1);
 set_it(t, mark_TASK_TRACED);
 unsigned int s = mark_TASK_TRACED;
 t->__state &= mark_TASK_TRACED;
 a[mark_TASK_TRACED] = 1;
 t->x = (t->__state & mark_TASK_TRACED) ? 1 : 0;
 t->__state = c ? mark_TASK_TRACED : 0;
 return mark_TASK_TRACED;
}
struct { int a; } y[] = { { mark_TASK_TRACED, 3 } };
