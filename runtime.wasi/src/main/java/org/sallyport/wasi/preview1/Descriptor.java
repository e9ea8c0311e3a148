package org.sallyport.wasi.preview1;

import java.io.IOException;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.FileStat;
import org.sallyport.wasi.fs.FileType;

/** What a guest's descriptor number stands for, with the rights it has left. */
abstract sealed class Descriptor permits InputStreamFd, OutputStreamFd, OpenDirectory, OpenFile {
    private long rights;
    private long inheriting;
    private int flags;

    /**
     * @param rights what may be done with it
     * @param inheriting what may be done with what is opened through it
     * @param flags {@code fdflags}
     */
    Descriptor(long rights, long inheriting, int flags) {
        this.rights = rights;
        this.inheriting = inheriting;
        this.flags = flags;
    }

    final long rights() {
        return rights;
    }

    final long inheriting() {
        return inheriting;
    }

    /** @throws ErrnoException {@code NOTCAPABLE} if a right is missing */
    final void need(long wanted) throws ErrnoException {
        if (!Rights.contain(rights, wanted)) {
            throw Errno.NOTCAPABLE.exception();
        }
    }

    /** Gives rights up. @throws ErrnoException {@code NOTCAPABLE} if one of them is not there */
    final void narrow(long newRights, long newInheriting) throws ErrnoException {
        if (!Rights.contain(rights, newRights) || !Rights.contain(inheriting, newInheriting)) {
            throw Errno.NOTCAPABLE.exception();
        }
        rights = newRights;
        inheriting = newInheriting;
    }

    final int flags() {
        return flags;
    }

    final boolean has(int flag) {
        return (flags & flag) != 0;
    }

    void setFlags(int newFlags) throws IOException {
        flags = newFlags;
    }

    abstract FileType type();

    FileStat stat() throws IOException {
        return FileStat.of(type());
    }

    /** Descriptors of the operating system that it takes. */
    int cost() {
        return 0;
    }

    /** Gives back what it holds open. */
    void close() throws IOException {}
}
