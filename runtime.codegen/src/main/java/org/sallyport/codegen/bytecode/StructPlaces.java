package org.sallyport.codegen.bytecode;

import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.spi.GuestStruct;
import org.sallyport.spi.GuestType;
import org.sallyport.wasm.StructType;

/** Where the fields of a structure are in the classes of {@link GuestStruct}. */
final class StructPlaces {
    private final int[] places;
    private final int objects;
    private final int words;

    StructPlaces(StructType type, ModuleFacts facts) {
        int n = type.fields().size();
        places = new int[n];
        int object = 0;
        int word = 0;
        for (int i = 0; i < n; i++) {
            GuestType.Kind kind = GuestType.kind(type.fields().get(i).storage(), facts::isFunctionType);
            boolean isObject = kind == GuestType.Kind.OBJECT;
            places[i] = isObject ? object++ : word;
            word += isObject ? 0 : kind == GuestType.Kind.VECTOR ? 2 : 1;
        }
        objects = object;
        words = word;
    }

    /** Of the class that the type has. */
    int level() {
        return GuestStruct.level(objects, words);
    }

    int bytes() {
        return GuestStruct.bytes(objects, words);
    }

    /** Number of a field among those that are kept alike. */
    int place(int field) {
        return places[field];
    }

    /** Whether what is at that place is in a list, and not in a field of a class. */
    static boolean isListed(int place, boolean isObject) {
        return place >= (isObject ? GuestStruct.OBJECT_FIELDS : GuestStruct.WORD_FIELDS);
    }

    /** Where in the list it is. */
    static int inList(int place, boolean isObject) {
        return place - (isObject ? GuestStruct.OBJECT_FIELDS : GuestStruct.WORD_FIELDS);
    }

    /** Of the class that has the field. */
    static int level(int place, boolean isObject) {
        return isObject ? GuestStruct.level(place + 1, 0) : GuestStruct.level(0, place + 1);
    }

    /** Of the field. */
    static String name(int place, boolean isObject) {
        return (isObject ? "object" : "word") + place;
    }
}
