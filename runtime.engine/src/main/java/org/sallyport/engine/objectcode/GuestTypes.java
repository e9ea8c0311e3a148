package org.sallyport.engine.objectcode;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.sallyport.engine.StoreImpl;
import org.sallyport.spi.GuestType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.TypeCanon;

/** The types of structures and arrays of a store: one for each of the engine's numbers. Used by the thread inside the store. */
final class GuestTypes {
    private final StoreImpl store;
    private final TypeCanon canon;
    private final Map<Integer, GuestType> byId = new HashMap<>();

    GuestTypes(StoreImpl store, TypeCanon canon) {
        this.store = store;
        this.canon = canon;
    }

    GuestType of(int id) {
        GuestType known = byId.get(id);
        if (known != null) {
            return known;
        }
        List<GuestType> supertypes = new ArrayList<>();
        for (int ancestor : canon.ancestors(id)) { // the root first, the type itself last
            known = byId.get(ancestor);
            if (known == null) {
                known = new GuestType(ancestor, canon.type(ancestor).composite(), supertypes, this::isFunction);
                byId.put(ancestor, known);
            }
            supertypes.add(known);
        }
        return supertypes.getLast();
    }

    private boolean isFunction(int id) {
        return canon.kind(id) == HeapType.Abstract.FUNC;
    }

    /** The same for a number that Java gives, which the store keeps. @throws IllegalArgumentException if it is of no such type */
    GuestType ofJava(int id) {
        GuestType known = byId.get(id);
        if (known != null) {
            return known;
        }
        if (!canon.isKnown(id) || isFunction(id)) {
            throw new IllegalArgumentException(id + " is the number of no type of structures or arrays of this engine");
        }
        canon.retain(id);
        store.releaseLater(id);
        return of(id);
    }

    /** Number of the supertype that many below the root, or the type itself; 0 for none. */
    int ancestor(int id, int depth) {
        int[] ancestors = canon.ancestors(id);
        return depth < ancestors.length ? ancestors[depth] : 0;
    }
}
