package org.sallyport.engine.process;

import java.lang.invoke.VarHandle;

/** Where guests look for themselves whether they must stop: a fence on each side. */
public final class PlainBarrier implements Barrier {
    @Override
    public void run() {
        VarHandle.fullFence();
    }

    @Override
    public void runForWatchdog() {
        VarHandle.fullFence();
    }

    @Override
    public boolean isOneSided() {
        return false;
    }

    @Override
    public void prepareWatchdog() {}

    @Override
    public void prepareStops() {}
}
