package org.sallyport.engine;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.sallyport.GuestSample;
import org.sallyport.Profiler;
import org.sallyport.engine.code.Backtrace;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.threads.EngineThreads;

/** A thread that looks at all stores of an engine where somebody is inside, once in each period (docs/decisions/profiler.md). */
final class NativeProfiler implements Profiler, Runnable {
    private final NativeMachinery machinery;
    private final SampleArea area;
    private final long period;
    private final Consumer<GuestSample> samples;
    private final Thread thread;
    private volatile boolean closed;
    private volatile long lost;

    NativeProfiler(NativeMachinery machinery, SampleArea area, Duration period, Consumer<GuestSample> samples) {
        this.machinery = machinery;
        this.area = area;
        this.period = period.toNanos();
        this.samples = samples;
        machinery.engine().stores().forEach(store -> store.execution().machine().profiled.prepareGuarded());
        thread = EngineThreads.unstarted("sallyport-profiler", this);
        thread.start();
    }

    boolean isRunning() {
        return thread.isAlive();
    }

    @Override
    public void run() {
        long next = System.nanoTime();
        while (!closed && !machinery.engine().isClosed()) {
            lookAtAll();
            next += period;
            long now = System.nanoTime();
            if (next - now > 0) {
                LockSupport.parkNanos(this, next - now);
            } else {
                next = now; // what was missed is not made up for
            }
        }
        for (StoreImpl store : machinery.engine().stores()) {
            store.execution().machine().profiled.leave();
        }
    }

    private void lookAtAll() {
        for (StoreImpl store : machinery.engine().stores()) {
            ProfiledStore profiled = store.execution().machine().profiled;
            long asked = profiled.asked();
            String guest = profiled.thread();
            if (profiled.look(area)) {
                handOut(profiled, asked, guest);
            }
        }
    }

    private void handOut(ProfiledStore profiled, long time, String guest) {
        Backtrace frames = new Backtrace(machinery.codeSpace(), 0, 0);
        int compiled = profiled.addTo(frames);
        if (frames.frames().isEmpty()) {
            lost++;
            return;
        }
        GuestSample sample = new GuestSample(time, guest, frames.frames(), compiled);
        FlightEvents.sampled(sample);
        try {
            samples.accept(sample);
        } catch (RuntimeException | Error e) { // of who takes them: the others are still looked at
            lost++;
        }
    }

    @Override
    public long lost() {
        return lost;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive() && thread != Thread.currentThread()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
