package org.sallyport.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.sallyport.HeapStatistics;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.StructType;

/** A store's structures and arrays, in lines for people: what takes the most bytes first. */
final class HeapReport {
    private static final int TYPES = 10;
    private static final int FIELDS = 6;

    private HeapReport() {}

    /** Empty if there are none and never were. */
    static List<String> lines(HeapStatistics heap) {
        List<String> lines = new ArrayList<>();
        if (heap.reservedBytes() > 0) {
            lines.add("heap: " + heap.objects() + " objects, " + heap.bytes() + " bytes of " + heap.reservedBytes()
                    + " live; collections: " + heap.collections() + ", objects of the host: " + heap.hostObjects());
        }
        for (HeapStatistics.OfType one : heap.types().subList(0, Math.min(TYPES, heap.types().size()))) {
            lines.add(String.format(Locale.ROOT, "%12d bytes %9d objects  %s", one.bytes(), one.objects(), shown(one.type())));
        }
        if (heap.types().size() > TYPES) {
            lines.add("and " + (heap.types().size() - TYPES) + " types more");
        }
        return lines;
    }

    private static String shown(CompositeType type) {
        return switch (type) {
            case StructType(List<FieldType> fields) -> {
                StringBuilder text = new StringBuilder("(struct");
                for (FieldType field : fields.subList(0, Math.min(FIELDS, fields.size()))) {
                    text.append(' ').append(shown(field));
                }
                yield text.append(fields.size() > FIELDS ? " and " + (fields.size() - FIELDS) + " more)" : ")").toString();
            }
            case ArrayType(FieldType element) -> "(array " + shown(element) + ")";
            default -> type.toString();
        };
    }

    private static String shown(FieldType field) {
        String storage = field.storage().toString();
        return field.mutable() ? "(mut " + storage + ")" : storage;
    }
}
