package org.sallyport.text.parse;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.ValType;

/** The types of a module: their grammar (WebAssembly 3.0, 6.4), the definitions read so far, and type uses (6.4.8). */
final class Types {
    private static final String INLINE = "inline function type";

    private final Cursor in;
    final Space space = new Space("type");
    private final List<SubType> definitions = new ArrayList<>();
    /** Sizes of the recursion groups, in order. */
    private final List<Integer> groups = new ArrayList<>();
    /** By type index; null for types that are no structures. */
    private final List<@Nullable Space> fields = new ArrayList<>();
    /** First definition of each plain function type in a group of its own: what an inline type stands for. */
    private final Map<FuncType, Integer> plain = new HashMap<>();

    Types(Cursor in) {
        this.in = in;
    }

    // Definitions

    /** Binds the names of one {@code (type ...)} or {@code (rec ...)}; leaves the cursor there. */
    void bind() {
        int start = in.pos();
        if (in.acceptOpen(Word.REC)) {
            while (in.atOpen(Word.TYPE)) {
                bindOne();
            }
        } else {
            bindOne();
        }
        in.seek(start);
    }

    private void bindOne() {
        int next = in.afterMatch();
        in.expectOpen(Word.TYPE);
        space.bind(in);
        in.seek(next);
    }

    /** Reads one {@code (type ...)} or {@code (rec ...)}, once all names are bound. */
    void define(Names names) {
        if (!in.acceptOpen(Word.REC)) {
            defineOne(names);
            groups.add(1);
            SubType last = definitions.getLast();
            if (last.composite() instanceof FuncType type && last.equals(SubType.of(type))) {
                plain.putIfAbsent(type, definitions.size() - 1);
            }
            return;
        }
        int size = 0;
        while (!in.at(Kind.CLOSE)) {
            defineOne(names);
            size++;
        }
        in.close();
        groups.add(size);
    }

    private void defineOne(Names names) {
        in.expectOpen(Word.TYPE);
        int index = definitions.size();
        names.declare(Names.TYPE, index, in.optionalId(), in);
        fields.add(null);
        definitions.add(subType(names, index));
        in.close();
    }

    private SubType subType(Names names, int index) {
        if (!in.acceptOpen(Word.SUB)) {
            return SubType.of(composite(names, index));
        }
        boolean isFinal = in.accept(Word.FINAL);
        List<Integer> supers = new ArrayList<>();
        while (in.atIndex()) {
            supers.add(space.index(in));
        }
        CompositeType type = composite(names, index);
        in.close();
        return new SubType(isFinal, supers, type);
    }

    private CompositeType composite(Names names, int index) {
        CompositeType type;
        if (in.acceptOpen(Word.FUNC)) {
            type = funcType(new ArrayList<>());
        } else if (in.acceptOpen(Word.STRUCT)) {
            type = structType(names, index);
        } else if (in.acceptOpen(Word.ARRAY)) {
            type = new ArrayType(fieldType());
        } else {
            throw in.unexpected("(func, (struct or (array");
        }
        in.close();
        return type;
    }

    private StructType structType(Names names, int index) {
        Space space = new Space("field");
        List<FieldType> types = new ArrayList<>();
        fields.set(index, space);
        while (in.acceptOpen(Word.FIELD)) {
            if (in.at(Kind.ID)) {
                String id = in.tokens().id(in.pos());
                int field = space.bind(in);
                names.inner(Names.FIELD, index, field, id, in, in.pos());
                types.add(fieldType());
            } else {
                while (!in.at(Kind.CLOSE)) {
                    names.inner(Names.FIELD, index, types.size(), null, in, in.pos());
                    types.add(fieldType());
                    space.skip(1);
                }
            }
            in.close();
        }
        return new StructType(types);
    }

    private FieldType fieldType() {
        boolean mutable = in.acceptOpen(Word.MUT);
        FieldType type = new FieldType(storageType(), mutable);
        if (mutable) {
            in.close();
        }
        return type;
    }

    private StorageType storageType() {
        Word word = in.word();
        if (word != null && word.storage instanceof PackedType packed) {
            in.advance();
            return packed;
        }
        return valType();
    }

    // Value types

    ValType valType() {
        Word word = in.word();
        if (word != null && word.storage instanceof ValType type) {
            in.advance();
            return type;
        }
        return refType();
    }

    boolean atRefType() {
        return in.atOpen(Word.REF) || shorthand(in.word()) != null;
    }

    RefType refType() {
        RefType type = shorthand(in.word());
        if (type != null) {
            in.advance();
            return type;
        }
        if (!in.acceptOpen(Word.REF)) {
            throw in.unexpected("a type");
        }
        boolean nullable = in.accept(Word.NULL);
        type = new RefType(nullable, heapType());
        in.close();
        return type;
    }

    private static @Nullable RefType shorthand(@Nullable Word word) {
        if (word == null || word.compareTo(Word.ANYREF) < 0 || word.compareTo(Word.NULLEXNREF) > 0) {
            return null;
        }
        return SHORTHANDS[word.ordinal() - Word.ANYREF.ordinal()];
    }

    private static final RefType[] SHORTHANDS = new RefType[Word.NULLEXNREF.ordinal() - Word.ANYREF.ordinal() + 1];

    static {
        for (HeapType.Abstract heap : HeapType.Abstract.values()) {
            Word word = Word.valueOf(heap.shorthand().toUpperCase(java.util.Locale.ROOT));
            SHORTHANDS[word.ordinal() - Word.ANYREF.ordinal()] = new RefType(true, heap);
        }
    }

    HeapType heapType() {
        Word word = in.word();
        if (word != null && word.heap != null) {
            in.advance();
            return word.heap;
        }
        if (!in.atIndex()) {
            throw in.unexpected("a heap type");
        }
        return new HeapType.Concrete(space.index(in));
    }

    // Function types and their uses

    /**
     * Any number of {@code (param ...)}, then of {@code (result ...)}.
     *
     * @param tokens receives, for each parameter, the token of its name, or the complement of its type's token
     */
    private FuncType funcType(List<Integer> tokens) {
        List<ValType> params = new ArrayList<>();
        while (in.acceptOpen(Word.PARAM)) {
            if (in.at(Kind.ID)) {
                tokens.add(in.pos());
                in.advance();
                params.add(valType());
            } else {
                while (!in.at(Kind.CLOSE)) {
                    tokens.add(~in.pos());
                    params.add(valType());
                }
            }
            in.close();
        }
        return params.isEmpty() && !in.atOpen(Word.RESULT) ? FuncType.EMPTY : new FuncType(params, results());
    }

    /** Any number of {@code (result ...)}. */
    List<ValType> results() {
        List<ValType> results = new ArrayList<>();
        while (in.acceptOpen(Word.RESULT)) {
            while (!in.at(Kind.CLOSE)) {
                results.add(valType());
            }
            in.close();
        }
        return results;
    }

    /**
     * What a type use says.
     *
     * @param named whether it names a type, whose {@code index} then counts
     * @param inline the type written out; empty if there is none
     * @param params token of each parameter's name, or the complement of its type's token
     */
    record Use(boolean named, int index, FuncType inline, List<Integer> params) {}

    /** Reads {@code (type x)? (param ...)* (result ...)*} and checks one against the other. */
    Use use() {
        int token = in.pos();
        boolean named = in.acceptOpen(Word.TYPE);
        int index = 0;
        if (named) {
            index = space.index(in);
            in.close();
        }
        List<Integer> params = new ArrayList<>();
        int inlineAt = in.pos();
        FuncType inline = funcType(params);
        if (in.atOpen(Word.PARAM) || in.atOpen(Word.TYPE)) {
            in.advance();
            throw in.unexpected("the order (type ...) (param ...) (result ...)");
        }
        if (named && !inline.equals(FuncType.EMPTY)) {
            check(token, index, inlineAt, inline);
        }
        return new Use(named, index, inline, params);
    }

    /** As {@link #use()}, where parameters cannot have names. */
    Use useWithoutNames() {
        Use use = use();
        for (int token : use.params) {
            if (token >= 0) {
                in.seek(token);
                throw in.unexpected("a type");
            }
        }
        return use;
    }

    private void check(int token, int index, int inlineAt, FuncType inline) {
        FuncType declared = funcType(index);
        if (declared == null) {
            throw in.errorAt(token, "unknown type", Integer.toUnsignedString(index) + " is no function type");
        }
        if (!declared.equals(inline)) {
            throw in.errorAt(inlineAt, INLINE, "type " + index + " is " + declared + ", written out is " + inline);
        }
    }

    /** The index that a use stands for; a type not yet defined is added at the end. */
    int index(Use use) {
        return use.named ? use.index : indexOf(use.inline);
    }

    int indexOf(FuncType type) {
        Integer known = plain.get(type);
        if (known != null) {
            return known;
        }
        int index = definitions.size();
        plain.put(type, index);
        definitions.add(SubType.of(type));
        fields.add(null);
        groups.add(1);
        return index;
    }

    /** The function type of a definition, or null if the index points elsewhere or nowhere. */
    @Nullable FuncType funcType(int index) {
        boolean exists = index >= 0 && index < definitions.size();
        return exists && definitions.get(index).composite() instanceof FuncType type ? type : null;
    }

    /** The fields' names of a structure type; an empty space for any other type. */
    Space fields(int index) {
        Space space = index >= 0 && index < fields.size() ? fields.get(index) : null;
        return space == null ? new Space("field") : space;
    }

    // Binary form

    /** The contents of the type section. */
    void write(BinaryWriter out) {
        out.u32(groups.size());
        int next = 0;
        for (int size : groups) {
            if (size != 1) {
                out.u8(0x4E).u32(size);
            }
            for (int end = next + size; next < end; next++) {
                TypeWriter.subType(out, definitions.get(next));
            }
        }
    }

    boolean isEmpty() {
        return groups.isEmpty();
    }
}
