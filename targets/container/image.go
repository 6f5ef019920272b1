package container

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"
	tc "github.com/testcontainers/testcontainers-go"
)

// repository is what our images are called; the tag is the hash of what is in
// them.
const repository = "scrutineer"

// user is whom the machines run as: nobody in particular.
const user = "65532:65532"

// dockerfile is the whole image: the program and an empty folder. The name of
// the program is in it, because a new one makes a new tag.
const dockerfile = `FROM scratch
COPY scrutineer /scrutineer
COPY --chown=` + user + ` data /data
VOLUME /data
USER ` + user + `
ENTRYPOINT ["/scrutineer"]
`

// image makes sure that the image of a program is on the engine, and returns
// its name. Nothing is pulled: an air-gapped laboratory has all it needs.
func (e *engine) image(ctx context.Context, program string) (string, error) {
	raw, err := os.ReadFile(program)
	if err != nil {
		return "", fmt.Errorf("the program for the image: %w", err)
	}
	sum := sha256.Sum256(append([]byte(dockerfile), raw...))
	tag := hex.EncodeToString(sum[:8])
	name := repository + ":" + tag
	if _, err := e.docker.ImageInspect(ctx, name); err == nil {
		return name, nil
	}
	archive, err := buildContext(raw)
	if err != nil {
		return "", err
	}
	provider, err := tc.NewDockerProvider()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrEngine, err)
	}
	defer provider.Close()
	var said bytes.Buffer
	_, err = provider.BuildImage(ctx, &tc.ContainerRequest{FromDockerfile: tc.FromDockerfile{
		ContextArchive: bytes.NewReader(archive), Repo: repository, Tag: tag, KeepImage: true, BuildLogWriter: &said,
		BuildOptionsModifier: func(o *client.ImageBuildOptions) {
			o.PullParent, o.Labels = false, map[string]string{"scrutineer.image": tag}
		},
	}})
	if err != nil {
		return "", fmt.Errorf("build the image: %w\n%.500s", err, said.String())
	}
	e.prune(ctx)
	return name, nil
}

// images is how many of ours are kept: those of the last builds.
const images = 4

// prune removes older images of ours. One that is in use stays, and so does one
// that cannot be removed: it costs room on the disk and nothing else.
func (e *engine) prune(ctx context.Context) {
	list, err := e.docker.ImageList(ctx, client.ImageListOptions{Filters: client.Filters{}.Add("label", "scrutineer.image")})
	if err != nil {
		return
	}
	slices.SortFunc(list.Items, func(a, b image.Summary) int { return cmp.Compare(b.Created, a.Created) })
	for _, old := range list.Items[min(len(list.Items), images):] {
		_, _ = e.docker.ImageRemove(ctx, old.ID, client.ImageRemoveOptions{PruneChildren: true})
	}
}

func buildContext(program []byte) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(len(program) + 16<<10)
	w := tar.NewWriter(&b)
	for _, f := range []struct {
		tar.Header
		content []byte
	}{
		{tar.Header{Name: "Dockerfile", Mode: 0o644, Size: int64(len(dockerfile))}, []byte(dockerfile)},
		{tar.Header{Name: "scrutineer", Mode: 0o755, Size: int64(len(program))}, program},
		// An empty folder would not be copied by every builder.
		{tar.Header{Name: "data/.keep", Mode: 0o600}, nil},
	} {
		// The same bytes give the same layers, whenever they are packed.
		f.ModTime = time.Unix(0, 0)
		if err := w.WriteHeader(&f.Header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// errUnfit is why a program cannot be the image.
var errUnfit = errors.New("it cannot be the image")

// fit says whether a program runs in an empty Linux image on arch.
func fit(program, arch string) error {
	f, err := elf.Open(program)
	if err != nil {
		return fmt.Errorf("%s: %w: it is no Linux program", program, errUnfit)
	}
	defer f.Close()
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	if machines[arch] != f.Machine {
		return fmt.Errorf("%s: %w: it is for %s, the engine for %s", program, errUnfit, f.Machine, arch)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return fmt.Errorf("%s: %w: it is not static (build it with CGO_ENABLED=0)", program, errUnfit)
		}
	}
	return nil
}

// program is what goes into the image: the one that was named where it is fit,
// or else one that is built from the source where that lies around us.
func (e *engine) program(ctx context.Context, named, dir string) (string, error) {
	unfit := fit(named, e.arch)
	if unfit == nil {
		return named, nil
	}
	built, err := Build(ctx, dir, e.arch)
	if err != nil {
		return "", fmt.Errorf("%w; and none could be built: %w", unfit, err)
	}
	return built, nil
}

// Build builds scrutineer for Linux from the source around the working folder,
// and returns where in dir it lies.
func Build(ctx context.Context, dir, arch string) (string, error) {
	root, err := source()
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "scrutineer-linux-"+arch)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", out, "./cmd/scrutineer")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%.500s", err, said)
	}
	return out, nil
}

// source is the root of our module, if we are in it.
func source() (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		raw, err := os.ReadFile(filepath.Join(at, "go.mod"))
		switch {
		case err == nil && bytes.HasPrefix(raw, []byte("module scrutineer\n")):
			return at, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", err
		case filepath.Dir(at) == at:
			return "", errors.New("the source is not here")
		}
		at = filepath.Dir(at)
	}
}
