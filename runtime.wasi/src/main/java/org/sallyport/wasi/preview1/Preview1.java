package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.channels.ClosedByInterruptException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.sallyport.Caller;
import org.sallyport.Linker;
import org.sallyport.wasi.WasiProcess;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.Waiting;

/**
 * The host functions as the linker takes them; parameters are in the specification's order, pointers and lengths
 * unsigned. Each finds the process of the calling store and turns every failure of the host into an error number: no
 * text and no exception of the host's reaches the guest. Keeps nothing itself and serves any number of stores.
 */
public final class Preview1 {
    /** The module name of the functions. */
    public static final String MODULE = "wasi_snapshot_preview1";

    private final Settings settings;

    /** @param settings for stores that no process was attached to */
    public Preview1(Settings settings) {
        this.settings = settings;
    }

    /** @param wanted names of the functions to define */
    public Linker addTo(Linker linker, Predicate<String> wanted) {
        functions(wanted).forEach((name, handle) -> linker.define(MODULE, name, handle));
        return linker;
    }

    /** @param wanted names of the functions */
    public Map<String, MethodHandle> functions(Predicate<String> wanted) {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        Map<String, MethodHandle> functions = new LinkedHashMap<>();
        for (Function function : Function.values()) {
            if (wanted.test(function.wasmName())) {
                functions.put(function.wasmName(), function.handle(lookup, this));
            }
        }
        return functions;
    }

    /** Whether there is a function of this name. */
    public static boolean has(String name) {
        for (Function function : Function.values()) {
            if (function.wasmName().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** What a function does once process and memory are known. */
    private interface Body {
        void run(Process process, GuestMemory memory) throws IOException;
    }

    private int run(Caller caller, Body body) {
        Process process = process(caller);
        process.enter();
        try {
            body.run(process, new GuestMemory(caller.memory()));
            return Errno.SUCCESS.ordinal();
        } catch (ClosedByInterruptException e) {
            throw Waiting.interrupted();
        } catch (IOException e) {
            return Errno.of(e).ordinal();
        } catch (RuntimeException e) {
            Errno errno = Errno.of(e);
            if (errno == null) {
                throw e;
            }
            return errno.ordinal();
        } finally {
            process.leave();
        }
    }

    /**
     * @throws UncheckedIOException if a directory cannot be opened: the embedder's fault, not to be told to the guest
     */
    private Process process(Caller caller) {
        if (caller.attachment(WasiProcess.class) instanceof Process process) {
            return process;
        }
        GuestThreads.Member thread = caller.attachment(GuestThreads.Member.class);
        if (thread != null) {
            return thread.process();
        }
        try {
            Process process = new Process(settings, caller.store().resources());
            caller.store().attach(WasiProcess.class, process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    int argsGet(Caller caller, int pointers, int buffer) {
        return run(caller, (process, memory) -> SystemCalls.argsGet(process, memory, pointers, buffer));
    }

    int argsSizesGet(Caller caller, int count, int bytes) {
        return run(caller, (process, memory) -> SystemCalls.argsSizesGet(process, memory, count, bytes));
    }

    int environGet(Caller caller, int pointers, int buffer) {
        return run(caller, (process, memory) -> SystemCalls.environGet(process, memory, pointers, buffer));
    }

    int environSizesGet(Caller caller, int count, int bytes) {
        return run(caller, (process, memory) -> SystemCalls.environSizesGet(process, memory, count, bytes));
    }

    int clockResGet(Caller caller, int clock, int result) {
        return run(caller, (process, memory) -> SystemCalls.clockResGet(process, memory, clock, result));
    }

    /** Every clock is read anew, so {@code precision} asks for nothing. */
    int clockTimeGet(Caller caller, int clock, long precision, int result) {
        return run(caller, (process, memory) -> SystemCalls.clockTimeGet(process, memory, clock, result));
    }

    int fdAdvise(Caller caller, int fd, long offset, long length, int advice) {
        return run(caller, (process, _) -> FdCalls.advise(process, fd, offset, length, advice));
    }

    int fdAllocate(Caller caller, int fd, long offset, long length) {
        return run(caller, (process, _) -> FdCalls.allocate(process, fd, offset, length));
    }

    int fdClose(Caller caller, int fd) {
        return run(caller, (process, _) -> FdCalls.close(process, fd));
    }

    int fdDatasync(Caller caller, int fd) {
        return run(caller, (process, _) -> FdCalls.sync(process, fd, false));
    }

    int fdFdstatGet(Caller caller, int fd, int result) {
        return run(caller, (process, memory) -> FdCalls.fdstatGet(process, memory, fd, result));
    }

    int fdFdstatSetFlags(Caller caller, int fd, int flags) {
        return run(caller, (process, _) -> FdCalls.fdstatSetFlags(process, fd, flags));
    }

    int fdFdstatSetRights(Caller caller, int fd, long rights, long inheriting) {
        return run(caller, (process, _) -> FdCalls.fdstatSetRights(process, fd, rights, inheriting));
    }

    int fdFilestatGet(Caller caller, int fd, int result) {
        return run(caller, (process, memory) -> FdCalls.filestatGet(process, memory, fd, result));
    }

    int fdFilestatSetSize(Caller caller, int fd, long size) {
        return run(caller, (process, _) -> FdCalls.filestatSetSize(process, fd, size));
    }

    int fdFilestatSetTimes(Caller caller, int fd, long atim, long mtim, int flags) {
        return run(caller, (process, _) -> FdCalls.filestatSetTimes(process, fd, atim, mtim, flags));
    }

    int fdPread(Caller caller, int fd, int iovs, int count, long offset, int result) {
        return run(caller, (process, memory) -> FdCalls.pread(process, memory, fd, iovs, count, offset, result));
    }

    int fdPrestatGet(Caller caller, int fd, int result) {
        return run(caller, (process, memory) -> FdCalls.prestatGet(process, memory, fd, result));
    }

    int fdPrestatDirName(Caller caller, int fd, int path, int length) {
        return run(caller, (process, memory) -> FdCalls.prestatDirName(process, memory, fd, path, length));
    }

    int fdPwrite(Caller caller, int fd, int iovs, int count, long offset, int result) {
        return run(caller, (process, memory) -> FdCalls.pwrite(process, memory, fd, iovs, count, offset, result));
    }

    int fdRead(Caller caller, int fd, int iovs, int count, int result) {
        return run(caller, (process, memory) -> FdCalls.read(process, memory, fd, iovs, count, result));
    }

    int fdReaddir(Caller caller, int fd, int buffer, int length, long cookie, int result) {
        return run(caller, (process, memory) -> FdCalls.readdir(process, memory, fd, buffer, length, cookie, result));
    }

    int fdRenumber(Caller caller, int from, int to) {
        return run(caller, (process, _) -> FdCalls.renumber(process, from, to));
    }

    int fdSeek(Caller caller, int fd, long offset, int whence, int result) {
        return run(caller, (process, memory) -> FdCalls.seek(process, memory, fd, offset, whence, result));
    }

    int fdSync(Caller caller, int fd) {
        return run(caller, (process, _) -> FdCalls.sync(process, fd, true));
    }

    int fdTell(Caller caller, int fd, int result) {
        return run(caller, (process, memory) -> FdCalls.tell(process, memory, fd, result));
    }

    int fdWrite(Caller caller, int fd, int iovs, int count, int result) {
        return run(caller, (process, memory) -> FdCalls.write(process, memory, fd, iovs, count, result));
    }

    int pathCreateDirectory(Caller caller, int fd, int path, int length) {
        return run(caller, (process, memory) -> PathCalls.createDirectory(process, memory, fd, path, length));
    }

    int pathFilestatGet(Caller caller, int fd, int lookup, int path, int length, int result) {
        return run(
                caller, (process, memory) -> PathCalls.filestatGet(process, memory, fd, lookup, path, length, result));
    }

    int pathFilestatSetTimes(
            Caller caller, int fd, int lookup, int path, int length, long atim, long mtim, int flags) {
        return run(
                caller,
                (process, memory) ->
                        PathCalls.filestatSetTimes(process, memory, fd, lookup, path, length, atim, mtim, flags));
    }

    int pathLink(
            Caller caller, int oldFd, int lookup, int oldPath, int oldLength, int newFd, int newPath, int newLength) {
        return run(
                caller,
                (process, memory) ->
                        PathCalls.link(process, memory, oldFd, lookup, oldPath, oldLength, newFd, newPath, newLength));
    }

    int pathOpen(
            Caller caller,
            int fd,
            int lookup,
            int path,
            int length,
            int oflags,
            long rights,
            long inheriting,
            int fdflags,
            int result) {
        return run(
                caller,
                (process, memory) -> PathOpen.open(
                        process, memory, fd, lookup, path, length, oflags, rights, inheriting, fdflags, result));
    }

    int pathReadlink(Caller caller, int fd, int path, int length, int buffer, int bufferLength, int result) {
        return run(
                caller,
                (process, memory) ->
                        PathCalls.readlink(process, memory, fd, path, length, buffer, bufferLength, result));
    }

    int pathRemoveDirectory(Caller caller, int fd, int path, int length) {
        return run(caller, (process, memory) -> PathCalls.removeDirectory(process, memory, fd, path, length));
    }

    int pathRename(Caller caller, int fd, int oldPath, int oldLength, int newFd, int newPath, int newLength) {
        return run(
                caller,
                (process, memory) ->
                        PathCalls.rename(process, memory, fd, oldPath, oldLength, newFd, newPath, newLength));
    }

    int pathSymlink(Caller caller, int text, int textLength, int fd, int path, int length) {
        return run(
                caller, (process, memory) -> PathCalls.symlink(process, memory, text, textLength, fd, path, length));
    }

    int pathUnlinkFile(Caller caller, int fd, int path, int length) {
        return run(caller, (process, memory) -> PathCalls.unlinkFile(process, memory, fd, path, length));
    }

    int pollOneoff(Caller caller, int in, int out, int count, int result) {
        return run(caller, (process, memory) -> PollCalls.pollOneoff(process, memory, in, out, count, result));
    }

    void procExit(Caller caller, int status) {
        throw SystemCalls.exit(status);
    }

    int procRaise(Caller caller, int signal) {
        return run(caller, (_, _) -> SystemCalls.procRaise(signal));
    }

    int schedYield(Caller caller) {
        return run(caller, (_, _) -> SystemCalls.schedYield());
    }

    int randomGet(Caller caller, int buffer, int length) {
        return run(caller, (process, memory) -> SystemCalls.randomGet(process, memory, buffer, length));
    }

    /** A guest is given no sockets, so its descriptor is none: {@code NOTSOCK}, or {@code BADF} if nothing is open. */
    int sockAccept(Caller caller, int fd, int flags, int result) {
        return notASocket(caller, fd);
    }

    int sockRecv(Caller caller, int fd, int iovs, int count, int flags, int size, int resultFlags) {
        return notASocket(caller, fd);
    }

    int sockSend(Caller caller, int fd, int iovs, int count, int flags, int size) {
        return notASocket(caller, fd);
    }

    int sockShutdown(Caller caller, int fd, int how) {
        return notASocket(caller, fd);
    }

    private int notASocket(Caller caller, int fd) {
        return run(caller, (process, _) -> {
            process.get(fd);
            throw Errno.NOTSOCK.exception();
        });
    }
}
