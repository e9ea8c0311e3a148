package org.sallyport.wasm;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntConsumer;

import org.jspecify.annotations.Nullable;

/**
 * Gives equal type definitions of any number of modules the same number, so that type equality (WebAssembly 3.0, 3.3.1:
 * iso-recursive) is a comparison of ints and subtyping a short walk.
 *
 * <p>Recursion groups are the unit of equality. A group is written down as a word sequence in which references to its
 * own members are relative and all others are numbers given before; two groups are equal exactly if their sequences
 * are.
 *
 * <p>An instance is a registry of its own; numbers of different registries must not be mixed. Thread-safe. What is
 * registered stays until as many {@link #release} calls as registrations, and as long as something registered names it.
 * A number is given again only when 2^31 others have been given since; who keeps one without having registered what it
 * stands for must be ready to find it unknown.
 */
public final class TypeCanon {
    private static final int[] NO_TYPES = {};

    /** Numbers come one after the other: many to an entry of the map, which would take more than a definition does. */
    private static final int CHUNK_LOG2 = 6;
    private static final int CHUNK = 1 << CHUNK_LOG2;

    private final Map<Integer, Chunk> chunks = new ConcurrentHashMap<>();
    private volatile int size;

    private final Map<Group, Group> groups = new HashMap<>();

    // guarded by this: numbers from next (inclusive) to end (exclusive) are free
    private long next;
    private long end = 1L << 31;

    /**
     * A definition in the tree of its supertypes. It knows its parent and one ancestor further up, so chosen (Myers, "An
     * applicative random-access stack") that any ancestor is found in as many steps as its depth has binary digits. A list
     * of all ancestors in each type would take a module's bytes sixty times.
     */
    private static final class Entry {
        final Group group;
        final SubType type;
        final int id;
        /** Number of supertypes. */
        final int depth;
        /** The type itself at the root. */
        final Entry parent;
        final Entry further;

        Entry(Group group, SubType type, int id, @Nullable Entry parent) {
            this.group = group;
            this.type = type;
            this.id = id;
            if (parent == null) {
                depth = 0;
                this.parent = this;
                further = this;
            } else {
                depth = parent.depth + 1;
                this.parent = parent;
                Entry beyond = parent.further;
                further = parent.depth - beyond.depth == beyond.depth - beyond.further.depth ? beyond.further : parent;
            }
        }

        /** Numbers of the supertypes, from the root down to the type itself. */
        int[] ancestors() {
            int[] ancestors = new int[depth + 1];
            Entry at = this;
            for (int i = depth; i >= 0; i--) {
                ancestors[i] = at.id;
                at = at.parent;
            }
            return ancestors;
        }

        Group group() {
            return group;
        }

        SubType type() {
            return type;
        }

        /** @param wanted at most the depth of this */
        Entry ancestor(int wanted) {
            Entry at = this;
            while (at.depth > wanted) {
                at = at.further.depth >= wanted ? at.further : at.parent;
            }
            return at;
        }
    }

    /** The definitions of some numbers. Written under the lock; entries are immutable, so that anybody may read. */
    private static final class Chunk {
        final @Nullable Entry[] entries = new Entry[CHUNK];
        /** Guarded by the registry. */
        int count;
    }

    /**
     * A registered recursion group of numbers {@code first} to {@code first + size - 1}, equal to another if it is written
     * down alike. Comparable, so that colliding types cannot make the map slow, and hashed so that nobody can choose such
     * types.
     */
    private static final class Group implements Comparable<Group> {
        private static final long SECRET = ThreadLocalRandom.current().nextLong() | 1;

        final byte[] words;
        private final int hash;
        final int size;
        int first;
        /** Registrations, and how often other groups name a member. */
        int uses;

        Group(byte[] words, int size) {
            this.words = words;
            this.size = size;
            long sum = words.length;
            for (byte word : words) {
                sum = (sum ^ word) * SECRET;
                sum ^= sum >>> 32;
            }
            hash = (int) sum;
        }

        boolean holds(int id) {
            return id >= first && id - first < size;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Group group && Arrays.equals(words, group.words);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public int compareTo(Group other) {
            return Arrays.compare(words, other.words);
        }
    }

    /** A registry that begins with number 0. */
    public TypeCanon() {
        this(0);
    }

    /**
     * @param first the first number, not negative. Registries that begin far apart notice each other's numbers, since
     *     they do not know them
     */
    public TypeCanon(int first) {
        next = first;
    }

    /**
     * Numbers of all types of a validated module, by type index.
     *
     * @param check called every few milliseconds; what it throws ends the registration, and nothing of it stays
     * @throws IndexOutOfBoundsException if a type refers to one behind its group (impossible once validated)
     */
    public int[] register(WasmModule module, Runnable check) {
        if (module.types().isEmpty()) {
            return NO_TYPES;
        }
        int[] ids = new int[module.types().size()];
        Pace pace = new Pace(check);
        int registered = 0;
        try {
            for (RecGroup group : module.recGroups()) {
                register(module.types(), group, ids, pace);
                registered = group.firstType() + group.size();
            }
        } catch (Throwable t) {
            release(Arrays.copyOf(ids, registered));
            throw t;
        }
        return ids;
    }

    /** Looks up from the work now and then. */
    private static final class Pace {
        private static final int STEPS = 4096;
        private final Runnable check;
        private int left = STEPS;

        Pace(Runnable check) {
            this.check = check;
        }

        void steps(int n) {
            left -= n;
            if (left < 0) {
                left = STEPS;
                check.run();
            }
        }
    }

    /**
     * The number of a type that comes from outside of modules, such as a host function's: final, without supertypes.
     *
     * @param type what it names are numbers of this registry
     * @throws IllegalArgumentException if it names a number that is not registered
     */
    public synchronized int register(CompositeType type) {
        SubType definition = SubType.of(type);
        forEachNamed(definition, this::entry);
        Group written = group(definition);
        Group known = groups.get(written);
        if (known == null) {
            known = withNumbers(written);
            enter(known, new Entry[] {new Entry(known, definition, known.first, null)});
        }
        known.uses++;
        return known.first;
    }

    /** The number of such a type if it is registered, else -1. */
    public synchronized int find(FuncType type) {
        SubType definition = SubType.of(type);
        boolean[] unknown = new boolean[1];
        forEachNamed(definition, id -> unknown[0] |= !isKnown(id));
        Group known = unknown[0] ? null : groups.get(group(definition));
        return known == null ? -1 : known.first;
    }

    /** Of a definition that names registered numbers. */
    private static Group group(SubType type) {
        return new Group(new GroupWords(new RecGroup(0, 1), null).write(List.of(type), new Pace(() -> {})), 1);
    }

    /**
     * Registers once more what a number stands for.
     *
     * @throws IllegalArgumentException if the number is not registered
     */
    public synchronized void retain(int id) {
        entry(id).group().uses++;
    }

    /**
     * Registers one group.
     *
     * @param types all types of the module
     * @param ids numbers of the types before the group; those of the group are filled in
     * @param check called every few milliseconds; what it throws ends the registration, and nothing of it stays
     */
    public void register(List<SubType> types, RecGroup group, int[] ids, Runnable check) {
        register(types, group, ids, new Pace(check));
    }

    private void register(List<SubType> types, RecGroup group, int[] ids, Pace pace) {
        Group written = new Group(new GroupWords(group, ids).write(types, pace), group.size());
        synchronized (this) {
            Group known = groups.get(written);
            if (known == null) {
                known = withNumbers(written);
                number(group, known.first, ids);
                enter(known, definitions(known, types, group, ids, pace));
            }
            number(group, known.first, ids);
            known.uses++;
        }
    }

    private Entry[] definitions(Group known, List<SubType> types, RecGroup group, int[] ids, Pace pace) {
        Entry[] definitions = new Entry[group.size()];
        for (int i = 0; i < definitions.length; i++) {
            pace.steps(8);
            SubType type = rename(types.get(group.firstType() + i), ids);
            definitions[i] = new Entry(known, type, known.first + i, parent(known, type, definitions));
        }
        return definitions;
    }

    private static void number(RecGroup group, int first, int[] ids) {
        for (int i = 0; i < group.size(); i++) {
            ids[group.firstType() + i] = first + i;
        }
    }

    /** Gives a group numbers; {@link #enter} makes it known. */
    private Group withNumbers(Group group) {
        if (end - next < group.size) {
            findNumbers(group.size);
        }
        group.first = (int) next;
        next += group.size;
        return group;
    }

    /** Turns to the longest range of numbers that are not in use. */
    private void findNumbers(int size) {
        int[] used = numbers();
        long from = 0;
        next = 0;
        end = 0;
        for (int i = 0; i <= used.length; i++) {
            long to = i < used.length ? used[i] : 1L << 31;
            if (to - from > end - next) {
                next = from;
                end = to;
            }
            from = to + 1;
        }
        if (end - next < size) {
            throw new IllegalStateException(
                    "no numbers for " + size + " type definitions: " + used.length + " are registered; close modules");
        }
    }

    /** All that are registered, ascending. */
    private int[] numbers() {
        return chunks.values().stream()
                .flatMap(chunk -> Arrays.stream(chunk.entries))
                .filter(Objects::nonNull)
                .mapToInt(entry -> entry.id)
                .sorted()
                .toArray();
    }

    private @Nullable Entry find(int id) {
        Chunk chunk = chunks.get(id >> CHUNK_LOG2);
        return chunk == null ? null : chunk.entries[id & CHUNK - 1];
    }

    private void put(Entry entry) {
        Chunk chunk = chunks.computeIfAbsent(entry.id >> CHUNK_LOG2, _ -> new Chunk());
        chunk.entries[entry.id & CHUNK - 1] = entry;
        chunk.count++;
        size++;
    }

    private Entry remove(int id) {
        Entry entry = entry(id);
        Chunk chunk = chunks.get(id >> CHUNK_LOG2);
        chunk.entries[id & CHUNK - 1] = null;
        size--;
        if (--chunk.count == 0) {
            chunks.remove(id >> CHUNK_LOG2);
        }
        return entry;
    }

    /** @param before definitions of members of the group that come before */
    private @Nullable Entry parent(Group group, SubType type, Entry[] before) {
        if (type.supertypes().isEmpty()) {
            return null;
        }
        int id = type.supertypes().getFirst();
        return group.holds(id) ? before[id - group.first] : find(id);
    }

    private void enter(Group group, Entry[] definitions) {
        groups.put(group, group);
        for (int i = 0; i < definitions.length; i++) {
            put(definitions[i]);
            forEachNamed(definitions[i].type(), id -> {
                if (!group.holds(id)) {
                    entry(id).group().uses++;
                }
            });
        }
    }

    /** Undoes one registration of each. Only when no instance and no function reference of the module is left. */
    public synchronized void release(int[] ids) {
        Deque<Group> unused = new ArrayDeque<>();
        for (int id : ids) {
            Entry entry = find(id);
            if (entry != null && entry.group().first == id && --entry.group().uses == 0) {
                remove(entry.group(), unused);
            }
        }
    }

    /**
     * Undoes one {@link #retain}.
     *
     * @throws IllegalArgumentException if the number is not registered
     */
    public synchronized void release(int id) {
        Group group = entry(id).group();
        if (--group.uses == 0) {
            remove(group, new ArrayDeque<>());
        }
    }

    /** Removes a group and what only it has named. @param unused empty, before and after */
    private void remove(Group group, Deque<Group> unused) {
        unused.push(group);
        while (!unused.isEmpty()) {
            Group gone = unused.pop();
            groups.remove(gone);
            for (int i = 0; i < gone.size; i++) {
                Entry entry = remove(gone.first + i);
                forEachNamed(entry.type(), id -> {
                    if (!gone.holds(id)) {
                        Group other = entry(id).group();
                        if (--other.uses == 0) {
                            unused.push(other);
                        }
                    }
                });
            }
        }
    }

    private static void forEachNamed(SubType type, IntConsumer action) {
        type.supertypes().forEach(action::accept);
        if (type.composite() instanceof FuncType(var params, var results)) {
            params.forEach(t -> named(t, action));
            results.forEach(t -> named(t, action));
        } else if (type.composite() instanceof StructType(var fields)) {
            fields.forEach(f -> named(f.storage(), action));
        } else if (type.composite() instanceof ArrayType(var element)) {
            named(element.storage(), action);
        }
    }

    private static void named(StorageType type, IntConsumer action) {
        if (type instanceof RefType(_, HeapType.Concrete(int id))) {
            action.accept(id);
        }
    }

    /** Number of types that are registered now. */
    public int size() {
        return size;
    }

    /**
     * The definition of a number; type indices in it are numbers too.
     *
     * @throws IllegalArgumentException if the number is not registered
     */
    public SubType type(int id) {
        return entry(id).type();
    }

    /** Numbers of the supertypes, from the root down to the type itself: one longer than the type is deep. A copy. */
    public int[] ancestors(int id) {
        return entry(id).ancestors();
    }

    /** Whether a number is registered. */
    public boolean isKnown(int id) {
        return find(id) != null;
    }

    /**
     * Whether the type is the other one or declared, directly or not, as its subtype (3.3.11). A number that is not
     * registered is nobody's subtype but its own.
     */
    public boolean isSubtype(int id, int of) {
        if (id == of) {
            return true;
        }
        Entry sub = find(id);
        Entry sup = find(of);
        if (sub == null || sup == null) {
            return false;
        }
        return sup.depth <= sub.depth && sub.ancestor(sup.depth) == sup;
    }

    /** Where in its recursion group a type is, for messages: {@code , member 1 of a group of 3}, or nothing if alone. */
    public String groupOf(int id) {
        Group group = entry(id).group();
        return group.size == 1 ? "" : ", member " + (id - group.first) + " of a group of " + group.size;
    }

    private Entry entry(int id) {
        Entry entry = find(id);
        if (entry == null) {
            throw new IllegalArgumentException("no type " + id + " is registered here");
        }
        return entry;
    }

    /** Heap type subtyping (3.3.3), where concrete types are numbers. */
    public boolean matches(HeapType sub, HeapType sup) {
        if (sub.equals(sup)) {
            return true;
        }
        return switch (sup) {
            case HeapType.Concrete(int of) -> sub instanceof HeapType.Concrete(int id)
                    ? isSubtype(id, of)
                    : isKnown(of) && sub == HeapTypes.bottom(kind(of));
            case HeapType.Abstract to -> switch (sub) {
                case HeapType.Concrete(int id) -> isKnown(id) && HeapTypes.isSubtype(kind(id), to);
                case HeapType.Abstract from -> HeapTypes.isSubtype(from, to);
            };
        };
    }

    /** Reference subtyping (3.3.4). */
    public boolean matches(RefType sub, RefType sup) {
        return (sup.nullable() || !sub.nullable()) && matches(sub.heap(), sup.heap());
    }

    /** Value subtyping (3.3.5). */
    public boolean matches(ValType sub, ValType sup) {
        return sub.equals(sup) || sub instanceof RefType a && sup instanceof RefType b && matches(a, b);
    }

    /** The abstract type just above a definition: func, struct or array. */
    public HeapType.Abstract kind(int id) {
        return HeapTypes.kind(type(id).composite());
    }

    /** The type with its type indices replaced by their numbers. */
    public static ValType rename(ValType type, int[] ids) {
        return type instanceof RefType(boolean nullable, HeapType.Concrete(int index))
                ? new RefType(nullable, new HeapType.Concrete(ids[index]))
                : type;
    }

    /** What names no types stays the same object. */
    private static SubType rename(SubType type, int[] ids) {
        CompositeType composite = rename(type.composite(), ids);
        if (type.supertypes().isEmpty() && composite == type.composite()) {
            return type;
        }
        List<Integer> supertypes = type.supertypes().stream().map(i -> ids[i]).toList();
        return new SubType(type.isFinal(), supertypes, composite);
    }

    private static CompositeType rename(CompositeType type, int[] ids) {
        if (!namesTypes(type)) {
            return type;
        }
        return switch (type) {
            case FuncType(var params, var results) -> new FuncType(rename(params, ids), rename(results, ids));
            case StructType(var fields) -> new StructType(fields.stream().map(f -> rename(f, ids)).toList());
            case ArrayType(var element) -> new ArrayType(rename(element, ids));
        };
    }

    private static boolean namesTypes(CompositeType type) {
        if (type instanceof FuncType(var params, var results)) {
            return namesTypes(params) || namesTypes(results);
        }
        return type instanceof StructType(var fields)
                ? fields.stream().anyMatch(f -> namesType(f.storage()))
                : type instanceof ArrayType(var element) && namesType(element.storage());
    }

    private static boolean namesTypes(List<ValType> types) {
        for (ValType type : types) {
            if (namesType(type)) {
                return true;
            }
        }
        return false;
    }

    private static boolean namesType(StorageType type) {
        return type instanceof RefType ref && ref.heap() instanceof HeapType.Concrete;
    }

    private static List<ValType> rename(List<ValType> types, int[] ids) {
        return types.stream().map(t -> rename(t, ids)).toList();
    }

    private static FieldType rename(FieldType field, int[] ids) {
        return field.storage() instanceof ValType type ? new FieldType(rename(type, ids), field.mutable()) : field;
    }

    /** Writes a group as the sequence of words that stands for it. */
    private static final class GroupWords {
        private static final int FUNC = 0;
        private static final int STRUCT = 1;
        private static final int ARRAY = 2;

        private final RecGroup group;
        private final int @Nullable [] ids;
        private byte[] words = new byte[32];
        private int length;

        /** @param ids numbers by type index; null if the types name numbers, and none of the group */
        GroupWords(RecGroup group, int @Nullable [] ids) {
            this.group = group;
            this.ids = ids;
        }

        byte[] write(List<SubType> types, Pace pace) {
            add(group.size());
            for (int i = 0; i < group.size(); i++) {
                int before = length;
                type(types.get(group.firstType() + i));
                pace.steps(8 + length - before);
            }
            return Arrays.copyOf(words, length);
        }

        private void type(SubType type) {
            add(type.isFinal() ? 1 : 0);
            add(type.supertypes().size());
            type.supertypes().forEach(this::index);
            if (type.composite() instanceof FuncType(var params, var results)) {
                add(FUNC);
                values(params);
                values(results);
            } else if (type.composite() instanceof StructType(var fields)) {
                add(STRUCT);
                add(fields.size());
                fields.forEach(this::field);
            } else if (type.composite() instanceof ArrayType(var element)) {
                add(ARRAY);
                field(element);
            }
        }

        private void values(List<ValType> types) {
            add(types.size());
            types.forEach(this::storage);
        }

        private void field(FieldType field) {
            add(field.mutable() ? 1 : 0);
            storage(field.storage());
        }

        private void storage(StorageType type) {
            if (type instanceof NumType number) {
                add(-1 - number.ordinal());
            } else if (type instanceof VecType) {
                add(-5);
            } else if (type instanceof PackedType packed) {
                add(-6 - packed.ordinal());
            } else if (type instanceof RefType(boolean nullable, HeapType.Abstract heap)) {
                add(-0x100 - 2 * heap.ordinal() - (nullable ? 1 : 0));
            } else if (type instanceof RefType(boolean nullable, HeapType.Concrete(int index))) {
                add(nullable ? -0x201 : -0x200);
                index(index);
            }
        }

        /** Members of the group by their place in it, which is odd; others by number, which is even. */
        private void index(int index) {
            if (ids == null) {
                add(2 * index);
                return;
            }
            int place = index - group.firstType();
            if (place >= group.size()) {
                throw new IndexOutOfBoundsException("type " + index + " is behind the group");
            }
            add(place >= 0 ? 2 * place + 1 : 2 * ids[index]);
        }

        /** As LEB128, signs last: no number begins another. */
        private void add(int word) {
            if (length + 5 > words.length) {
                words = Arrays.copyOf(words, length * 2);
            }
            int rest = word << 1 ^ word >> 31;
            while (rest >>> 7 != 0) {
                words[length++] = (byte) (rest | 0x80);
                rest >>>= 7;
            }
            words[length++] = (byte) rest;
        }
    }
}
