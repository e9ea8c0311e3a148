package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.Waiting;

/** {@code poll_oneoff}: waits until one of several things has happened: a time, input, room for output. */
final class PollCalls {
    /** More subscriptions in one call are {@code EINVAL}. */
    static final int MAX_SUBSCRIPTIONS = 4096;

    private static final int SUBSCRIPTION_SIZE = 48;
    private static final int EVENT_SIZE = 32;

    private PollCalls() {}

    private record Event(long userdata, Errno error, int type, long bytes, int flags) {}

    private sealed interface Subscription {
        long userdata();
    }

    /** @param deadline on the monotonic clock; {@code Long.MAX_VALUE} for never */
    private record Timer(long userdata, long deadline) implements Subscription {}

    /** @param type {@code fd_read} or {@code fd_write} */
    private record Readiness(long userdata, int type, int fd) implements Subscription {}

    /** A subscription that makes no sense; it has its event at once. */
    private record Failed(long userdata, int type, Errno error) implements Subscription {}

    static void pollOneoff(Process process, GuestMemory memory, int in, int out, int count, int result)
            throws IOException {
        if (count <= 0 || count > MAX_SUBSCRIPTIONS) {
            throw Errno.INVAL.exception();
        }
        memory.check(in, (long) count * SUBSCRIPTION_SIZE);
        memory.check(out, (long) count * EVENT_SIZE);
        memory.check(result, 4);
        List<Subscription> subscriptions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            subscriptions.add(subscription(process, memory, in + i * SUBSCRIPTION_SIZE));
        }
        List<Event> events = await(process, subscriptions);
        for (int i = 0; i < events.size(); i++) {
            put(memory, out + i * EVENT_SIZE, events.get(i));
        }
        memory.setInt(result, events.size());
    }

    private static Subscription subscription(Process process, GuestMemory memory, int at) throws ErrnoException {
        long userdata = memory.getLong(at);
        int type = memory.getByte(at + 8);
        return switch (type) {
            case Flags.EVENT_CLOCK -> timer(process, memory, at, userdata);
            case Flags.EVENT_FD_READ, Flags.EVENT_FD_WRITE -> new Readiness(userdata, type, memory.getInt(at + 16));
            default -> throw Errno.INVAL.exception();
        };
    }

    private static Subscription timer(Process process, GuestMemory memory, int at, long userdata)
            throws ErrnoException {
        int clock = memory.getInt(at + 16);
        long timeout = memory.getLong(at + 24);
        int flags = memory.getShort(at + 40);
        if ((flags & ~Flags.CLOCK_ABSTIME) != 0) {
            return new Failed(userdata, Flags.EVENT_CLOCK, Errno.INVAL);
        }
        if (clock != Flags.CLOCK_REALTIME && clock != Flags.CLOCK_MONOTONIC) {
            Errno error = clock < 0 || clock > Flags.CLOCK_THREAD_CPUTIME ? Errno.INVAL : Errno.NOTSUP;
            return new Failed(userdata, Flags.EVENT_CLOCK, error);
        }
        long wait = timeout;
        if (flags == Flags.CLOCK_ABSTIME && timeout >= 0) {
            wait = Math.max(0, timeout - SystemCalls.time(process, clock));
        }
        long now = process.settings().clock().monotonicNanos();
        boolean never = timeout < 0 || wait > Long.MAX_VALUE - now; // unsigned: further away than anyone waits
        return new Timer(userdata, never ? Long.MAX_VALUE : now + wait);
    }

    /** At least one event: those there are now, or after waiting for the first. */
    private static List<Event> await(Process process, List<Subscription> subscriptions) throws IOException {
        long deadline = Long.MAX_VALUE;
        Input input = null;
        for (Subscription subscription : subscriptions) {
            if (subscription instanceof Timer timer) {
                deadline = Math.min(deadline, timer.deadline());
            } else if (subscription instanceof Readiness r && waitsFor(process, r) instanceof Input waited) {
                input = waited;
            }
        }
        while (true) {
            Waiting.check();
            List<Event> events = ready(process, subscriptions);
            if (!events.isEmpty()) {
                return events;
            }
            long until = deadline;
            Input source = input;
            process.waiting(() -> pause(process, until, source));
        }
    }

    private static @Nullable Input waitsFor(Process process, Readiness readiness) {
        try {
            return process.get(readiness.fd()) instanceof InputStreamFd in ? in.input() : null;
        } catch (ErrnoException e) {
            return null;
        }
    }

    /** @return nothing of interest */
    private static boolean pause(Process process, long deadline, @Nullable Input input) throws IOException {
        long now = process.settings().clock().monotonicNanos();
        long left = deadline == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, deadline - now);
        if (input != null) {
            return input.awaitReady(left);
        }
        try {
            process.settings().clock().sleep(Waiting.cap(left));
        } catch (InterruptedException e) {
            throw Waiting.interrupted();
        }
        return false;
    }

    private static List<Event> ready(Process process, List<Subscription> subscriptions) throws IOException {
        List<Event> events = new ArrayList<>();
        for (Subscription subscription : subscriptions) {
            Event event = switch (subscription) {
                case Failed f -> new Event(f.userdata(), f.error(), f.type(), 0, 0);
                case Timer t -> t.deadline() != Long.MAX_VALUE
                                && process.settings().clock().monotonicNanos() >= t.deadline()
                        ? new Event(t.userdata(), Errno.SUCCESS, Flags.EVENT_CLOCK, 0, 0)
                        : null;
                case Readiness r -> readiness(process, r);
            };
            if (event != null) {
                events.add(event);
            }
        }
        return events;
    }

    private static @Nullable Event readiness(Process process, Readiness r) throws IOException {
        try {
            boolean reads = r.type() == Flags.EVENT_FD_READ;
            Descriptor descriptor =
                    process.get(r.fd(), Rights.POLL_FD_READWRITE | (reads ? Rights.FD_READ : Rights.FD_WRITE));
            return switch (descriptor) {
                case InputStreamFd in -> inputEvent(r, in.input());
                case OpenFile file ->
                    event(r, reads ? Math.max(0, file.file().size() - file.position()) : 1, 0);
                case OutputStreamFd _ -> event(r, 1, 0);
                case OpenDirectory _ -> throw Errno.BADF.exception();
            };
        } catch (ErrnoException e) {
            return new Event(r.userdata(), e.errno(), r.type(), 0, 0);
        }
    }

    private static @Nullable Event inputEvent(Readiness r, Input input) throws IOException {
        long bytes = input.ready();
        if (bytes == 0) {
            return null;
        }
        return input.isAtEnd() ? event(r, 0, Flags.EVENT_HANGUP) : event(r, bytes, 0);
    }

    private static Event event(Readiness r, long bytes, int flags) {
        return new Event(r.userdata(), Errno.SUCCESS, r.type(), bytes, flags);
    }

    private static void put(GuestMemory memory, int at, Event event) throws ErrnoException {
        memory.setLong(at, event.userdata());
        memory.setLong(at + 8, 0);
        memory.setShort(at + 8, event.error().ordinal());
        memory.setByte(at + 10, event.type());
        memory.setLong(at + 16, event.bytes());
        memory.setLong(at + 24, event.flags());
    }
}
