package org.sallyport.loader;

import org.jspecify.annotations.Nullable;

/** The known sections, in the order in which they must come (WebAssembly 3.0, 5.5.2). */
enum Section {
    // @formatter:off
    TYPE      (1,  "type"),
    IMPORT    (2,  "import"),
    FUNCTION  (3,  "function"),
    TABLE     (4,  "table"),
    MEMORY    (5,  "memory"),
    TAG       (13, "tag"),
    GLOBAL    (6,  "global"),
    EXPORT    (7,  "export"),
    START     (8,  "start"),
    ELEMENT   (9,  "element"),
    DATA_COUNT(12, "data count"),
    CODE      (10, "code"),
    DATA      (11, "data");
    // @formatter:on

    static final int CUSTOM_ID = 0;

    private static final Section[] ALL = values();

    final int id;
    final String text;

    Section(int id, String text) {
        this.id = id;
        this.text = text;
    }

    static @Nullable Section of(int id) {
        for (Section section : ALL) {
            if (section.id == id) {
                return section;
            }
        }
        return null;
    }
}
