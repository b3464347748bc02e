package calls

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/reporter"
	"github.com/jhump/protoreflect/grpcreflect"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Config of the calls, from the plan.
type Config struct {
	// Address is host:port.
	Address string `json:"address"`
	// Secure: TLS on the terms of the script's options; else plain text.
	Secure    bool `json:"secure"`
	KeepAlive bool `json:"keepAlive"`
	// ProtoFiles are relative to an import path. None: the server is asked by reflection.
	ProtoFiles  []string `json:"protoFiles"`
	ImportPaths []string `json:"importPaths"`
	// Methods that will be called, "package.Service/Method".
	Methods []string `json:"methods"`
}

// Service is what is known of the methods. Load comes before all else.
type Service struct {
	config *Config
	files  *protoregistry.Files
	types  *dynamicpb.Types
}

// NewService knows nothing yet.
func NewService(config *Config) *Service { return &Service{config: config} }

// Load reads the .proto files, or asks the server by reflection over a caller's
// connection. It gives every fault of the files and of the methods' names.
func (s *Service) Load(ctx context.Context, caller *Caller) error {
	s.files = new(protoregistry.Files)
	var err error
	if len(s.config.ProtoFiles) > 0 {
		err = s.compile(ctx)
	} else {
		err = s.reflect(ctx, caller)
	}
	if err != nil {
		return err
	}
	s.types = dynamicpb.NewTypes(s.files)
	var faults []string
	for _, method := range s.config.Methods {
		if _, err := s.method(method); err != nil && !slices.Contains(faults, err.Error()) {
			faults = append(faults, err.Error())
		}
	}
	if len(faults) > 0 {
		return errors.New(strings.Join(faults, "; "))
	}
	return nil
}

func (s *Service) compile(ctx context.Context) error {
	var faults []string
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: s.config.ImportPaths}),
		Reporter: reporter.NewReporter(func(err reporter.ErrorWithPos) error {
			faults = append(faults, err.Error())
			return nil
		}, nil),
	}
	compiled, err := compiler.Compile(ctx, s.config.ProtoFiles...)
	if len(faults) > 0 {
		return errors.New(strings.Join(faults, "; "))
	}
	if err != nil {
		return err
	}
	for _, file := range compiled {
		if err := s.register(file); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) reflect(ctx context.Context, caller *Caller) error {
	if err := caller.ready(ctx); err != nil {
		return fmt.Errorf("%s could not be asked for its methods: %w", s.config.Address, err)
	}
	client := grpcreflect.NewClientAuto(ctx, caller.conn)
	defer client.Reset()
	client.AllowMissingFileDescriptors()
	listed, err := client.ListServices()
	if err != nil {
		return fmt.Errorf("%s does not answer by reflection: %w", s.config.Address, err)
	}
	for _, name := range listed {
		service, err := client.ResolveService(name)
		if err != nil && s.calls(name) {
			return fmt.Errorf("%s could not describe %s: %w", s.config.Address, name, err)
		}
		if err != nil {
			continue
		}
		if err := s.register(service.GetFile().UnwrapFile()); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) calls(service string) bool {
	return slices.ContainsFunc(s.config.Methods, func(method string) bool {
		return strings.HasPrefix(method, service+"/")
	})
}

// register takes a file and what it imports, once.
func (s *Service) register(file protoreflect.FileDescriptor) error {
	if _, err := s.files.FindFileByPath(file.Path()); err == nil || file.IsPlaceholder() {
		return nil
	}
	imports := file.Imports()
	for i := range imports.Len() {
		if err := s.register(imports.Get(i).FileDescriptor); err != nil {
			return err
		}
	}
	return s.files.RegisterFile(file)
}

// method finds "package.Service/Method", or says what there is instead.
func (s *Service) method(full string) (protoreflect.MethodDescriptor, error) {
	name, method, _ := strings.Cut(full, "/")
	found, err := s.files.FindDescriptorByName(protoreflect.FullName(name))
	service, ok := found.(protoreflect.ServiceDescriptor)
	if err != nil || !ok {
		return nil, fmt.Errorf("there is no service %s; there are %s", name, listOf(s.services()))
	}
	methods := service.Methods()
	descriptor := methods.ByName(protoreflect.Name(method))
	if descriptor == nil {
		var all []string
		for i := range methods.Len() {
			all = append(all, string(methods.Get(i).Name()))
		}
		return nil, fmt.Errorf("%s has no method %s; it has %s", name, method, listOf(all))
	}
	if descriptor.IsStreamingClient() || descriptor.IsStreamingServer() {
		return nil, fmt.Errorf("%s is a stream: only unary calls can be made", full)
	}
	return descriptor, nil
}

func (s *Service) services() []string {
	var all []string
	s.files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		services := file.Services()
		for i := range services.Len() {
			all = append(all, string(services.Get(i).FullName()))
		}
		return true
	})
	slices.Sort(all)
	return all
}

func listOf(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
