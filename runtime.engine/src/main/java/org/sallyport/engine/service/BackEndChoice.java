package org.sallyport.engine.service;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.NoBackEndException;
import org.sallyport.spi.BackEnd;

/** Which back end an engine gets, of those that are there. */
final class BackEndChoice {
    private BackEndChoice() {}

    /**
     * The usable one of the highest preference; among equals the first.
     *
     * @throws NoBackEndException if none is usable
     */
    static BackEnd of(Iterable<? extends BackEnd> backEnds) {
        BackEnd best = null;
        List<String> unusable = new ArrayList<>();
        for (BackEnd one : backEnds) {
            if (!one.isUsable()) {
                unusable.add(one.target());
            } else if (isBetter(one, best)) {
                best = one;
            }
        }
        if (best == null) {
            throw new NoBackEndException(unusable);
        }
        return best;
    }

    private static boolean isBetter(BackEnd one, @Nullable BackEnd best) {
        return best == null || one.preference() > best.preference();
    }

    /** The same of services as Declarative Services lists them: that which the framework ranks highest comes last. */
    static BackEnd ofServices(List<BackEnd> backEnds) {
        return of(backEnds.reversed());
    }
}
