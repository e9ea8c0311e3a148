package com.acme.itests;

import org.sallyport.WasmName;

/** Implemented by {@code worker.wat}: everything that can go wrong or take long. */
public interface Worker {
    /** How many calls this instance has had. */
    int next();

    /** Passes {@link Gate} twice. */
    int passTwice(int ticket);

    /** Passes {@link Gate}, then never ends. */
    void spin();

    /** Grows memory until it is refused. @return pages got */
    int eat();

    void trap();

    @WasmName("deep-down")
    int deepDown(int depth);
}
