# cython: language_level=3
"""Python's small objects in huge pages of memory, where the system grants them (Linux, "madvise" or "always").

A worker looks at rows in no order, each in another page of 4 kB, and a processor remembers where a few thousand of those
are. Looking the others up took a tenth of the time that 200,000 rows take.
"""

from pathlib import Path


cdef extern from *:
    """
    #include <Python.h>
    #if defined(__linux__)
    #include <stdint.h>
    #include <sys/mman.h>

    enum { SUPPORT_HUGE = 2 << 20, SUPPORT_AT_ONCE = 32 << 20, SUPPORT_KEPT = 32 };

    static struct { char *next, *end; } support_free;
    static struct { void *arenas[SUPPORT_KEPT]; size_t sizes[SUPPORT_KEPT]; int count; } support_kept;

    /* Arenas are asked for by the megabyte, each a mapping of its own; a huge page needs two of them in one piece. */
    static void *support_arena(void *context, size_t size) {
        if (size > SUPPORT_AT_ONCE) return NULL;
        if (support_kept.count && support_kept.sizes[support_kept.count - 1] == size)
            return support_kept.arenas[--support_kept.count];
        if ((size_t)(support_free.end - support_free.next) < size) {
            char *found = (char *)mmap(NULL, SUPPORT_AT_ONCE + SUPPORT_HUGE, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (found == MAP_FAILED) return NULL;
            support_free.next = (char *)(((uintptr_t)found + SUPPORT_HUGE - 1) / SUPPORT_HUGE * SUPPORT_HUGE);
            support_free.end = support_free.next + SUPPORT_AT_ONCE;
            madvise(support_free.next, SUPPORT_AT_ONCE, MADV_HUGEPAGE);
        }
        support_free.next += size;
        return support_free.next - size;
    }

    /* Whether it came from here or from Python's own way, it is a mapping. Batches come and go, and take some each time:
       a few are kept, for the system empties what it gives again. */
    static void support_arena_gone(void *context, void *arena, size_t size) {
        if (support_kept.count < SUPPORT_KEPT) {
            support_kept.sizes[support_kept.count] = size;
            support_kept.arenas[support_kept.count++] = arena;
        } else {
            munmap(arena, size);
        }
    }

    static void support_huge_pages(void) {
        PyObjectArenaAllocator ours = {NULL, support_arena, support_arena_gone};
        PyObject_SetArenaAllocator(&ours);
    }
    #else
    static void support_huge_pages(void) {}
    #endif

    #if defined(__GLIBC__)
    #include <malloc.h>
    static void support_give_back(void) { malloc_trim(0); }
    #else
    static void support_give_back(void) {}
    #endif
    """
    void support_huge_pages()
    void support_give_back()


def granted():
    """Whether the system gives huge pages to who asks for them."""
    try:
        return "[never]" not in Path("/sys/kernel/mm/transparent_hugepage/enabled").read_text("ascii")
    except OSError:
        return False


def use():
    """Take memory for Python's objects in huge pages from now on; returns whether the system grants them."""
    if not granted():
        return False
    support_huge_pages()
    return True


def give_back():
    """Give memory back to the system that fetched records and sent rows took: glibc keeps it, in pieces."""
    support_give_back()
