package org.sallyport.wasi.preview1;

import org.sallyport.wasi.fs.Directory;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;

/**
 * A preopened directory as the place where files live. Stays open as long as the process, also when the guest closes
 * its descriptor.
 *
 * @param guest the guest's name for it
 */
record Mount(Directory root, String guest, boolean writable) {

    /** @throws ErrnoException {@code ROFS} if nothing may be changed here */
    void needWritable() throws ErrnoException {
        if (!writable) {
            throw Errno.ROFS.exception();
        }
    }
}
