package org.sallyport.itests.real;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.sallyport.spi.LastWill;

/** A process whose operating system refuses what a steward for all class loaders needs. */
final class OwnSteward {
    private static final CountDownLatch INHERITED = new CountDownLatch(1);

    private OwnSteward() {}

    public static void main(String[] args) throws InterruptedException {
        Runnable heir = INHERITED::countDown;
        MethodHandle refusing = MethodHandles.dropArguments(
                MethodHandles.dropArguments(
                        MethodHandles.constant(long.class, -1L), 0, Collections.nCopies(7, long.class)),
                0,
                MemorySegment.class);
        if (new LastWill(refusing).withHeir(heir).of(new Object()) == null) {
            throw new AssertionError("a will that cannot be taken back");
        }
        for (int i = 0; i < 500 && !INHERITED.await(20, TimeUnit.MILLISECONDS); i++) {
            System.gc();
        }
        Thread.getAllStackTraces().keySet().forEach(thread -> System.out.println(thread.getName()));
        System.out.println(INHERITED.getCount() == 0 ? "inherited" : "forgotten");
        System.out.println(heir);
    }
}
