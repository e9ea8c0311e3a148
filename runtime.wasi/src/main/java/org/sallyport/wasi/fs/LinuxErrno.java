package org.sallyport.wasi.fs;

/** What Linux' error numbers (asm-generic, as on x86-64 and AArch64) are called in WASI. */
final class LinuxErrno {
    static final int NOENT = 2;
    static final int INTR = 4;
    static final int EXIST = 17;

    /** By number; what has no name here is {@link Errno#IO}. */
    private static final Errno[] BY_NUMBER = new Errno[132];

    static {
        // @formatter:off
        row(1,   Errno.PERM, Errno.NOENT, Errno.SRCH, Errno.INTR, Errno.IO, Errno.NXIO, Errno.TOO_BIG, Errno.NOEXEC, Errno.BADF, Errno.CHILD);
        row(11,  Errno.AGAIN, Errno.NOMEM, Errno.ACCES, Errno.FAULT);
        row(16,  Errno.BUSY, Errno.EXIST, Errno.XDEV, Errno.NODEV, Errno.NOTDIR, Errno.ISDIR, Errno.INVAL, Errno.NFILE, Errno.MFILE, Errno.NOTTY);
        row(26,  Errno.TXTBSY, Errno.FBIG, Errno.NOSPC, Errno.SPIPE, Errno.ROFS, Errno.MLINK, Errno.PIPE, Errno.DOM, Errno.RANGE, Errno.DEADLK);
        row(36,  Errno.NAMETOOLONG, Errno.NOLCK, Errno.NOSYS, Errno.NOTEMPTY, Errno.LOOP);
        row(42,  Errno.NOMSG, Errno.IDRM);
        row(67,  Errno.NOLINK);
        row(71,  Errno.PROTO, Errno.MULTIHOP);
        row(74,  Errno.BADMSG, Errno.OVERFLOW);
        row(84,  Errno.ILSEQ);
        row(88,  Errno.NOTSOCK, Errno.DESTADDRREQ, Errno.MSGSIZE, Errno.PROTOTYPE, Errno.NOPROTOOPT, Errno.PROTONOSUPPORT);
        row(95,  Errno.NOTSUP);
        row(97,  Errno.AFNOSUPPORT, Errno.ADDRINUSE, Errno.ADDRNOTAVAIL, Errno.NETDOWN, Errno.NETUNREACH, Errno.NETRESET, Errno.CONNABORTED, Errno.CONNRESET, Errno.NOBUFS, Errno.ISCONN, Errno.NOTCONN);
        row(110, Errno.TIMEDOUT, Errno.CONNREFUSED);
        row(113, Errno.HOSTUNREACH, Errno.ALREADY, Errno.INPROGRESS, Errno.STALE);
        row(122, Errno.DQUOT);
        row(125, Errno.CANCELED);
        row(130, Errno.OWNERDEAD, Errno.NOTRECOVERABLE);
        // @formatter:on
    }

    private LinuxErrno() {}

    private static void row(int first, Errno... errnos) {
        System.arraycopy(errnos, 0, BY_NUMBER, first, errnos.length);
    }

    static Errno of(int number) {
        Errno found = number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
        return found == null ? Errno.IO : found;
    }
}
