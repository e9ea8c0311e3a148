package org.sallyport.codegen.bytecode;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the line numbers of a class mean: an offset in the module's binary, and if the instruction there was copied from another
 * function, the offset of the call that the copy replaces.
 */
final class Lines {
    private static final int MOST = 0xFFFF;

    /** @param call -1 if nothing was copied */
    record Place(int offset, int call) {}

    private final Map<Place, Integer> numbers = new HashMap<>();
    private final List<Place> places = new ArrayList<>();

    /** @return 0 if there is no room for more */
    int of(Place place) {
        Integer known = numbers.get(place);
        if (known != null) {
            return known;
        }
        if (places.size() == MOST) {
            return 0;
        }
        places.add(place);
        numbers.put(place, places.size());
        return places.size();
    }

    Place[] toArray() {
        return places.toArray(Place[]::new);
    }
}
