package org.sallyport.spi;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;

/**
 * References that are Java objects, where only a {@code long} can be passed ({@link GuestFunction}): a number stands for the
 * object until it is taken. Who passes several does so from the last to the first, so that whoever takes them from the first to
 * the last finds each on top; so nothing is left behind, and what an exception leaves behind is {@linkplain #release released}
 * where the guest's call ends. 0 stands for null. Used by the thread inside the store.
 */
public final class PassedObjects {
    private static final int MOST = 1 << 20;

    private @Nullable Object[] list = new @Nullable Object[16];
    private int count;
    private @Nullable Object[] kept = new @Nullable Object[0];
    private int keptCount;

    /** @return a number for it, until somebody takes it. @throws LimitExceededException if nobody takes what is passed */
    public long pass(@Nullable Object object) {
        if (object == null) {
            return 0;
        }
        if (count == list.length) {
            if (count == MOST) {
                throw new LimitExceededException("references that are passed", MOST + 1L, MOST, "PassedObjects");
            }
            list = Arrays.copyOf(list, 2 * count);
        }
        list[count++] = object;
        return count;
    }

    /** The object, whose number stands for nothing from now on if it was the one given last. */
    public @Nullable Object take(long number) {
        Object object = get(number);
        if (number > 0 && number == count) {
            list[--count] = null;
        }
        return object;
    }

    /** The object, whose number goes on to stand for it. */
    public @Nullable Object get(long number) {
        if (number < 0) {
            return kept[(int) ~number];
        }
        return number == 0 ? null : list[(int) number - 1];
    }

    /** A number that always stands for the object. */
    public long keep(@Nullable Object object) {
        if (object == null) {
            return 0;
        }
        if (keptCount == kept.length) {
            kept = Arrays.copyOf(kept, Math.max(8, 2 * keptCount));
        }
        kept[keptCount++] = object;
        return ~(keptCount - 1L);
    }

    /** What {@link #release} takes to forget all that is passed from now on. */
    public int mark() {
        return count;
    }

    public void release(int mark) {
        while (count > mark) {
            list[--count] = null;
        }
    }
}
