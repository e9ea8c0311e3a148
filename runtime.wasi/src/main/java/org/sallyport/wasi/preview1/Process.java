package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.WasiProcess;
import org.sallyport.wasi.fs.Directory;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.Waiting;

/**
 * The guest of one store, and of those of its threads: its settings and its descriptors. Calls of several threads come one
 * after the other; while one waits for something outside, others go on ({@link #waiting}).
 */
public final class Process implements WasiProcess {
    private final Settings settings;
    private final ResourceAccount account;
    private final FdTable fds;
    private final List<Mount> mounts = new ArrayList<>();
    private final RandomBytes random;
    private final ReentrantLock lock = new ReentrantLock();
    private int calls;
    private boolean closed;
    private @Nullable GuestThreads threads;

    /**
     * @param account of the store: charged for what is opened
     * @throws IOException if a directory cannot be opened; the message names it
     * @throws org.sallyport.LimitExceededException if the store may not have so many descriptors
     */
    public Process(Settings settings, ResourceAccount account) throws IOException {
        this.settings = settings;
        this.account = account;
        fds = new FdTable(settings.maxOpenFiles(), account);
        random = new RandomBytes(settings.random());
        Input in = settings.stdin();
        fds.addOrKeepFree(in == null ? null : new InputStreamFd(in));
        addOutput(settings.stdout());
        addOutput(settings.stderr());
        try {
            for (Preopen preopen : settings.preopens()) {
                mount(preopen);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void addOutput(@Nullable Output out) throws IOException {
        fds.addOrKeepFree(out == null ? null : new OutputStreamFd(out, settings.maxOutputBytes()));
    }

    private void mount(Preopen preopen) throws IOException {
        Directory root;
        try {
            root = Directory.open(preopen.host());
        } catch (IOException e) {
            throw new IOException("cannot open the directory " + preopen.host() + " for the guest: " + reason(e), e);
        }
        try {
            account.charge(Kind.DESCRIPTORS, root.descriptors());
        } catch (RuntimeException e) {
            root.close();
            throw e;
        }
        Mount mount = new Mount(root, preopen.guest(), preopen.access() == Preopen.Access.READ_WRITE);
        mounts.add(mount);
        fds.add(new OpenDirectory(mount, root, List.of(), true, Rights.DIRECTORY, Rights.INHERITED));
    }

    private static String reason(IOException e) {
        return switch (Errno.of(e)) {
            case NOENT -> "there is no such file";
            case NOTDIR -> "it is not a directory";
            case ACCES -> "permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }

    Settings settings() {
        return settings;
    }

    FdTable fds() {
        return fds;
    }

    RandomBytes random() {
        return random;
    }

    Descriptor get(int fd) throws ErrnoException {
        return fds.get(fd);
    }

    /** @throws ErrnoException {@code BADF}, {@code NOTCAPABLE} */
    Descriptor get(int fd, long rights) throws ErrnoException {
        Descriptor descriptor = fds.get(fd);
        descriptor.need(rights);
        return descriptor;
    }

    /** @throws ErrnoException {@code BADF}, {@code NOTDIR}, {@code NOTCAPABLE} */
    OpenDirectory directory(int fd, long rights) throws ErrnoException {
        if (!(fds.get(fd) instanceof OpenDirectory directory)) {
            throw Errno.NOTDIR.exception();
        }
        directory.need(rights);
        return directory;
    }

    /**
     * @throws ErrnoException {@code BADF}, {@code NOTCAPABLE}; {@code ISDIR} or {@code SPIPE} if it is no regular file
     */
    OpenFile file(int fd, long rights) throws ErrnoException {
        return switch (fds.get(fd)) {
            case OpenFile file -> {
                file.need(rights);
                yield file;
            }
            case OpenDirectory _ -> throw Errno.ISDIR.exception();
            case InputStreamFd _, OutputStreamFd _ -> throw Errno.SPIPE.exception();
        };
    }

    /** Part of a call, in which it waits for something outside. */
    interface Wait<T> {
        T run() throws IOException;
    }

    /**
     * A call of the guest begins; until {@link #leave} nothing that it may use is closed.
     *
     * @throws org.sallyport.GuestInterruptedException if the call is to end before its turn comes
     */
    void enter() {
        if (!lock.tryLock()) {
            Waiting.lock(lock);
        }
        count(1);
    }

    void leave() {
        if (lock.isHeldByCurrentThread()) {
            lock.unlock();
        }
        count(-1);
    }

    private synchronized void count(int change) {
        calls += change;
        if (calls == 0 && closed) {
            closeAll();
        }
    }

    /** Lets the calls of other threads go on meanwhile, which may close or change everything. */
    <T> T waiting(Wait<T> wait) throws IOException {
        lock.unlock();
        try {
            return wait.run();
        } finally {
            Waiting.lock(lock);
        }
    }

    /** From now on the guest may start threads. @throws IllegalStateException if it has been said before */
    public synchronized void allowThreads(GuestThreads those) {
        if (threads != null) {
            throw new IllegalStateException("the process has an instance that starts threads already");
        }
        threads = those;
    }

    synchronized @Nullable GuestThreads threads() {
        return threads;
    }

    @Override
    public void run(Runnable main) {
        GuestThreads known = threads();
        if (known == null) {
            main.run();
        } else {
            known.runMain(main);
        }
    }

    @Override
    public synchronized int openDescriptors() {
        return closed ? 0 : fds.size();
    }

    /** While a call runs, also in another thread, closes when that call ends. */
    @Override
    public void close() {
        GuestThreads known = threads();
        if (known != null) {
            known.end();
        }
        closeFiles();
    }

    private synchronized void closeFiles() {
        closed = true;
        if (calls == 0) {
            closeAll();
        }
    }

    private void closeAll() {
        fds.closeAll();
        for (Mount mount : mounts) {
            account.giveBack(Kind.DESCRIPTORS, mount.root().descriptors());
            try {
                mount.root().close();
            } catch (IOException e) {
                // closing a directory that was only read loses nothing
            }
        }
        mounts.clear();
    }
}
