#define _GNU_SOURCE

#include "CSerialLine.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int outcome(int result) {
    return result < 0 ? errno : 0;
}

int serial_line_get_mode(int descriptor, struct serial_line_mode *mode) {
    struct termios2 kernel = {0};
    int error = outcome(ioctl(descriptor, TCGETS2, &kernel));
    mode->input = kernel.c_iflag;
    mode->output = kernel.c_oflag;
    mode->control = kernel.c_cflag & ~(tcflag_t)(CBAUD | CIBAUD);
    mode->local = kernel.c_lflag;
    mode->minimum = kernel.c_cc[VMIN];
    mode->time = kernel.c_cc[VTIME];
    mode->input_speed = kernel.c_ispeed;
    mode->output_speed = kernel.c_ospeed;
    return error;
}

int serial_line_set_mode(int descriptor, const struct serial_line_mode *mode) {
    struct termios2 kernel = {0};
    kernel.c_iflag = mode->input;
    kernel.c_oflag = mode->output;
    kernel.c_cflag = mode->control | BOTHER | (BOTHER << IBSHIFT);
    kernel.c_lflag = mode->local;
    kernel.c_cc[VMIN] = mode->minimum;
    kernel.c_cc[VTIME] = mode->time;
    kernel.c_ispeed = mode->input_speed;
    kernel.c_ospeed = mode->output_speed;
    return outcome(ioctl(descriptor, TCSETS2, &kernel));
}

int serial_line_flush(int descriptor) {
    return outcome(ioctl(descriptor, TCFLSH, TCIOFLUSH));
}

int serial_line_get_unread(int descriptor, int *count) {
    return outcome(ioctl(descriptor, TIOCINQ, count));
}

int serial_line_set_exclusive(int descriptor) {
    return outcome(ioctl(descriptor, TIOCEXCL));
}

int serial_line_get_exclusive(int descriptor, int *is_exclusive) {
    return outcome(ioctl(descriptor, TIOCGEXCL, is_exclusive));
}

int serial_line_set_shared(int descriptor) {
    return outcome(ioctl(descriptor, TIOCNXCL));
}

int serial_line_get_driver(int descriptor, struct serial_struct *driver) {
    return outcome(ioctl(descriptor, TIOCGSERIAL, driver));
}

int serial_line_set_driver(int descriptor, const struct serial_struct *driver) {
    return outcome(ioctl(descriptor, TIOCSSERIAL, driver));
}

int serial_line_get_rs485(int descriptor, struct serial_rs485 *direction) {
    return outcome(ioctl(descriptor, TIOCGRS485, direction));
}

int serial_line_set_rs485(int descriptor, const struct serial_rs485 *direction) {
    struct serial_rs485 kernel = *direction;
    return outcome(ioctl(descriptor, TIOCSRS485, &kernel));
}

int serial_line_open_pseudo_terminal(int flags, int *descriptor, char *name, size_t name_size) {
    int opened = posix_openpt(flags);
    if (opened < 0) return errno;
    int error = 0;
    if (grantpt(opened) != 0 || unlockpt(opened) != 0) error = errno;
    if (error == 0) error = ptsname_r(opened, name, name_size);
    if (error != 0) {
        close(opened);
        return error;
    }
    *descriptor = opened;
    return 0;
}

int serial_line_open_other_side(int descriptor, int flags, int *other_side) {
    int opened = ioctl(descriptor, TIOCGPTPEER, flags);
    if (opened < 0) return errno;
    *other_side = opened;
    return 0;
}
