package org.sallyport.wasi.fs;

import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * How a file is opened.
 *
 * @param create whether it is made if there is none
 * @param exclusive with {@code create}: whether it must not be there yet
 * @param sync whether each write waits until data and status are kept
 * @param dsync whether each write waits until data are kept
 */
public record OpenMode(
        boolean read,
        boolean write,
        boolean append,
        boolean create,
        boolean exclusive,
        boolean truncate,
        boolean sync,
        boolean dsync) {

    Set<OpenOption> options() {
        Set<OpenOption> options = new HashSet<>();
        add(options, read || !write && !truncate && !create, StandardOpenOption.READ);
        add(options, write || truncate || create, StandardOpenOption.WRITE);
        add(options, create, exclusive ? StandardOpenOption.CREATE_NEW : StandardOpenOption.CREATE);
        add(options, truncate, StandardOpenOption.TRUNCATE_EXISTING);
        add(options, sync, StandardOpenOption.SYNC);
        add(options, dsync && !sync, StandardOpenOption.DSYNC);
        return options;
    }

    private static void add(Set<OpenOption> options, boolean wanted, OpenOption option) {
        if (wanted) {
            options.add(option);
        }
    }

    /** For {@code open}, but for creating and cutting, with which Linux needs more care. */
    int linuxFlags() {
        int access = write ? read ? Linux.O_RDWR : Linux.O_WRONLY : Linux.O_RDONLY;
        return access
                | (append ? Linux.O_APPEND : 0)
                | (sync ? Linux.O_SYNC : dsync ? Linux.O_DSYNC : 0);
    }
}
