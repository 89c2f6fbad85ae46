// The calls that Swift cannot make itself: variadic ioctl(2), the kernel's termios2
// (<asm/termbits.h> clashes with <termios.h>) and the pseudo-terminal functions, which the
// Glibc module hides. One call each; all return 0 or the errno of the call that failed.

#ifndef CSERIALLINE_H
#define CSERIALLINE_H

#include <linux/serial.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/sysmacros.h>

/// The part of the kernel's `struct termios2` that matters to a raw line; see ioctl_tty(2).
struct serial_line_mode {
    uint32_t input;         ///< c_iflag
    uint32_t output;        ///< c_oflag
    uint32_t control;       ///< c_cflag without the speed bits
    uint32_t local;         ///< c_lflag
    uint8_t minimum;        ///< c_cc[VMIN], bytes a blocking read waits for
    uint8_t time;           ///< c_cc[VTIME], tenths of a second
    uint32_t input_speed;   ///< bits per second, any number
    uint32_t output_speed;  ///< bits per second, any number
};

/// TCGETS2.
int serial_line_get_mode(int descriptor, struct serial_line_mode *mode);
/// TCSETS2 with BOTHER; unlike tcsetattr(3) it does not fail where a pseudo-terminal drops PARENB.
int serial_line_set_mode(int descriptor, const struct serial_line_mode *mode);
/// TCFLSH with TCIOFLUSH: drops what is received and not read, and written and not sent.
int serial_line_flush(int descriptor);
/// TIOCINQ: how many bytes are received and not read; in canonical mode of whole lines only.
int serial_line_get_unread(int descriptor, int *count);
/// TIOCEXCL: further opens fail with EBUSY, except those of CAP_SYS_ADMIN.
int serial_line_set_exclusive(int descriptor);
/// TIOCGEXCL: whether it was set so.
int serial_line_get_exclusive(int descriptor, int *is_exclusive);
/// TIOCNXCL.
int serial_line_set_shared(int descriptor);

/// TIOCGSERIAL.
int serial_line_get_driver(int descriptor, struct serial_struct *driver);
/// TIOCSSERIAL.
int serial_line_set_driver(int descriptor, const struct serial_struct *driver);
/// TIOCGRS485.
int serial_line_get_rs485(int descriptor, struct serial_rs485 *direction);
/// TIOCSRS485; the driver may replace what it does not support by something else.
int serial_line_set_rs485(int descriptor, const struct serial_rs485 *direction);

/// posix_openpt(3), grantpt(3), unlockpt(3) and ptsname_r(3): a new pair, `name` of the other side.
int serial_line_open_pseudo_terminal(int flags, int *descriptor, char *name, size_t name_size);
/// TIOCGPTPEER: the other side of a pair, whoever may open it by name.
int serial_line_open_other_side(int descriptor, int flags, int *other_side);

#endif
