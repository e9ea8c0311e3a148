package org.sallyport.steward;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/** A last will that the {@link Steward} has; calling it takes it back. */
final class Will extends PhantomReference<Object> implements BooleanSupplier {
    private final Set<Will> wills;
    final Estate estate;
    /** The next of those that are not finished. */
    @Nullable Will next;

    /** @param wills where it is as long as it has not been carried out or taken back */
    Will(Object testator, ReferenceQueue<Object> gone, Set<Will> wills, Estate estate) {
        super(testator, gone);
        this.wills = wills;
        this.estate = estate;
    }

    /** @return false if it has been carried out, or taken back */
    @Override
    public boolean getAsBoolean() {
        return wills.remove(this);
    }
}
