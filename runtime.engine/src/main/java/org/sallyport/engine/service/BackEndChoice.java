package org.sallyport.engine.service;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.BackEndKind;
import org.sallyport.NoBackEndException;
import org.sallyport.spi.BackEnd;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.ObjectBackEnd;

/** Which back end an engine gets, of those that are there. */
final class BackEndChoice {
    private BackEndChoice() {}

    /**
     * The usable one of the highest preference that is of the kind; among equals the first.
     *
     * @throws NoBackEndException if none is usable
     */
    static BackEnd of(Iterable<? extends BackEnd> backEnds, BackEndKind kind) {
        BackEnd best = null;
        List<String> unusable = new ArrayList<>();
        for (BackEnd one : backEnds) {
            if (!isOf(kind, one) || !isUsable(one)) {
                unusable.add(one.target());
            } else if (isBetter(one, best)) {
                best = one;
            }
        }
        if (best == null) {
            throw new NoBackEndException(kind, unusable);
        }
        return best;
    }

    private static boolean isOf(BackEndKind kind, BackEnd one) {
        return switch (kind) {
            case AUTOMATIC -> true;
            case NATIVE -> one instanceof CodeGenerator;
            case PORTABLE -> one instanceof ObjectBackEnd;
        };
    }

    private static boolean isUsable(BackEnd one) {
        return one.isUsable() && (one instanceof ObjectBackEnd || mayBeNative());
    }

    /** Whether Java lets this class do what machine code needs; where it only warns of that it does so now. */
    private static boolean mayBeNative() {
        try {
            return MemorySegment.NULL.reinterpret(0).byteSize() == 0;
        } catch (IllegalCallerException e) {
            return false;
        }
    }

    private static boolean isBetter(BackEnd one, @Nullable BackEnd best) {
        return best == null || one.preference() > best.preference();
    }

    /** The same of services as Declarative Services lists them: that which the framework ranks highest comes last. */
    static BackEnd ofServices(List<BackEnd> backEnds, BackEndKind kind) {
        return of(backEnds.reversed(), kind);
    }
}
